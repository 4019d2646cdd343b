using System;
using System.IO;

/// <summary>
/// Loaded into an app before its Main, because DOTNET_STARTUP_HOOKS names this assembly. That makes the assembly known
/// to the app, so that ASP.NET Core finds its hosting startup by name. This class names no type of ASP.NET Core, because
/// the app may be one without it.
/// </summary>
internal static class StartupHook
{
    private const string Hooks = "DOTNET_STARTUP_HOOKS";

    public static void Initialize()
    {
        // Programs that the app starts must not inherit the hook: on an older runtime they could not load it, and would
        // end.
        var own = typeof(StartupHook).Assembly.Location;
        var hooks = (Environment.GetEnvironmentVariable(Hooks) ?? "").Split(Path.PathSeparator);
        var others = string.Join(Path.PathSeparator, Array.FindAll(hooks, hook => hook != own));
        Environment.SetEnvironmentVariable(Hooks, others == "" ? null : others);
    }
}
