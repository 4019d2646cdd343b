using System.Runtime.InteropServices;
using TestApp.Endpoints;

namespace TestApp;

/// <summary>How the running app behaves: from arguments, and from the environment names of the module's test sites.</summary>
public sealed record StartupSwitches(bool HangOnStop, bool IgnoreShutdown, bool IgnoreSignals, bool ThrowInStartup,
    bool WrongPort, long? BodyLimit, int ShutdownDelay)
{
    private int _firstRequestDelay;
    private readonly List<PosixSignalRegistration> _signals = [];

    public static StartupSwitches From(string[] args)
    {
        var mode = args.FirstOrDefault();
        return new StartupSwitches(
            HangOnStop: mode == "HangOnStop",
            IgnoreShutdown: mode == "--ignore-shutdown",
            IgnoreSignals: mode == "--ignore-signals",
            ThrowInStartup: mode == "ThrowInStartup",
            WrongPort: mode == "--wrong-port",
            BodyLimit: mode == "DecreaseRequestLimit" ? 2 : null,
            ShutdownDelay: Number("ANCMTestShutdownDelay"))
        {
            _firstRequestDelay = mode == "--first-request-delay" ? int.Parse(args[1]) : Number("ANCMTestStartUpDelay"),
        };
    }

    public void Apply(WebApplication app)
    {
        if (ThrowInStartup) throw new InvalidOperationException("TEST EXCEPTION");
        if (WrongPort) MoveToAnotherPort();
        if (IgnoreSignals)
        {
            _signals.Add(PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => context.Cancel = true));
            _signals.Add(PosixSignalRegistration.Create(PosixSignal.SIGINT, context => context.Cancel = true));
        }
        app.Lifetime.ApplicationStopping.Register(() =>
        {
            Journal.Line("stopping");
            app.Services.GetRequiredService<OpenWebSockets>().CloseAll();
            Thread.Sleep(ShutdownDelay);
        });
    }

    public async Task DelayFirstRequest(HttpContext context, RequestDelegate next)
    {
        await Task.Delay(Interlocked.Exchange(ref _firstRequestDelay, 0));
        await next(context);
    }

    /// <summary>The integration prefers its own url, so a listener elsewhere takes another host altogether.</summary>
    private static void MoveToAnotherPort()
    {
        var elsewhere = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        elsewhere.Start();
        Thread.Sleep(Timeout.Infinite);
    }

    private static int Number(string name) => int.TryParse(Environment.GetEnvironmentVariable(name), out var ms) ? ms : 0;
}

/// <summary>One line in the file that ANCMTestJournal names, for tests that ask what the app lived through.</summary>
public static class Journal
{
    public static void Line(string text)
    {
        var file = Environment.GetEnvironmentVariable("ANCMTestJournal");
        if (!string.IsNullOrEmpty(file)) File.AppendAllText(file, text + "\n");
    }
}
