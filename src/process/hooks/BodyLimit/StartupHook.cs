using System;
using System.IO;

/// <summary>
/// Loaded into an app before its Main, because DOTNET_STARTUP_HOOKS names this assembly. The IIS integration middleware
/// of ASP.NET Core 8.0.31, 9.0.20, 10.0.12 and newer leaves Kestrel's own limit of a request body in force, unless this
/// switch is on; older versions left the limit to the server in front, whose web.config sets it.
/// </summary>
internal static class StartupHook
{
    private const string Switch = "Microsoft.AspNetCore.Server.IISIntegration.ClearMaxRequestBodySize";
    private const string Hooks = "DOTNET_STARTUP_HOOKS";

    public static void Initialize()
    {
        // A value that the app itself has set stays.
        if (!AppContext.TryGetSwitch(Switch, out _)) AppContext.SetSwitch(Switch, true);
        // Programs that the app starts must not inherit the hook: on an older runtime they could not load it, and would
        // end.
        var own = typeof(StartupHook).Assembly.Location;
        var hooks = (Environment.GetEnvironmentVariable(Hooks) ?? "").Split(Path.PathSeparator);
        var others = string.Join(Path.PathSeparator, Array.FindAll(hooks, hook => hook != own));
        Environment.SetEnvironmentVariable(Hooks, others == "" ? null : others);
    }
}
