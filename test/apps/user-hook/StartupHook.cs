internal static class StartupHook
{
    public static void Initialize() => System.Environment.SetEnvironmentVariable("USER_HOOK", "ran");
}
