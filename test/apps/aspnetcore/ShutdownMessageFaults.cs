namespace TestApp;

/// <summary>Spoils the shutdown message on request, in front of the integration middleware.</summary>
public sealed class ShutdownMessageFaults(StartupSwitches switches) : IStartupFilter
{
    private static readonly bool _disabled = Environment.GetEnvironmentVariable("GracefulShutdown") == "disabled"
        || Environment.GetEnvironmentVariable("ANCMTestStartupClassName") == "StartupWithShutdownDisabled";

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(Answer);
        next(app);
    };

    private Task Answer(HttpContext context, RequestDelegate next)
    {
        var request = context.Request;
        var isMessage = request.Method == "POST" && request.Headers.ContainsKey("MS-ASPNETCORE-EVENT")
            && request.Path.Value!.EndsWith("/iisintegration", StringComparison.Ordinal);
        if (isMessage) Journal.Line("shutdown-message");
        if (isMessage && switches.IgnoreShutdown)
        {
            context.Response.StatusCode = 202;
            return Task.CompletedTask;
        }
        if (isMessage && _disabled) return context.Response.WriteAsync("Called ShutdownMessage with status code 200");
        return next(context);
    }
}
