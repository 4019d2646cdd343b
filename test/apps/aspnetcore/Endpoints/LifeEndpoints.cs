using System.Diagnostics;
using static TestApp.Endpoints.EndpointTable;

namespace TestApp.Endpoints;

/// <summary>Waits, aborts, crashes, shutdown and console output.</summary>
public static class LifeEndpoints
{
    private static readonly List<byte[]> _kept = [];
    private static int _waitingRequests;

    public static readonly (string Name, Handler Run)[] All =
    [
        ("DoSleep", async (context, rest) =>
        {
            await Task.Delay(rest == "" ? 1000 : int.Parse(rest));
            await context.Response.WriteAsync("Running");
        }),
        ("MemoryLeak", Say((_, rest) =>
        {
            var block = new byte[(rest == "" ? 1 : int.Parse(rest)) * 1024];
            Array.Fill(block, (byte)1);
            lock (_kept)
            {
                _kept.Add(block);
                return $"kept {_kept.Sum(kept => (long)kept.Length)} bytes";
            }
        })),
        ("WaitForAppToStartShuttingDown", WaitForStopping),
        ("WaitForAbort", WaitForAbort),
        ("WaitingRequestCount", Say(() => Volatile.Read(ref _waitingRequests).ToString())),
        ("Abort", (context, _) =>
        {
            context.Abort();
            return Task.CompletedTask;
        }),
        ("Throw", (_, _) => throw new InvalidOperationException("Throw")),
        ("Shutdown", async (context, _) =>
        {
            await context.Response.WriteAsync("Shutting down");
            context.RequestServices.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        }),
        ("Crash", (context, _) =>
        {
            Environment.Exit(int.TryParse(context.Request.Query["code"], out var code) ? code : 1);
            return Task.CompletedTask;
        }),
        ("CrashBySignal", (_, _) =>
        {
            Process.GetCurrentProcess().Kill();
            return Task.CompletedTask;
        }),
        ("ConsoleWrite", Say(() =>
        {
            Console.WriteLine("TEST MESSAGE");
            return "Hello World";
        })),
        ("ConsoleErrorWrite", Say(() =>
        {
            Console.Error.WriteLine("TEST MESSAGE");
            return "Hello World";
        })),
        ("CreateFile", CreateFile),
    ];

    private static async Task WaitForStopping(HttpContext context, string rest)
    {
        await context.Response.WriteAsync("test1");
        await context.Response.Body.FlushAsync();
        var stopping = context.RequestServices.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        var either = CancellationTokenSource.CreateLinkedTokenSource(stopping, context.RequestAborted);
        await Task.Delay(Timeout.Infinite, either.Token).ContinueWith(_ => { });
        await context.Response.WriteAsync("test2");
    }

    private static async Task WaitForAbort(HttpContext context, string rest)
    {
        Interlocked.Increment(ref _waitingRequests);
        try
        {
            await context.Response.Body.FlushAsync();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        }
        catch (OperationCanceledException)
        {
            // The client has gone: that is what this endpoint waits for.
        }
        finally
        {
            Interlocked.Decrement(ref _waitingRequests);
        }
    }

    private static async Task CreateFile(HttpContext context, string rest)
    {
        if (context.Connection.LocalIpAddress is null || context.Connection.RemoteIpAddress is null)
        {
            throw new InvalidOperationException("the addresses of the connection are missing");
        }
        var root = context.RequestServices.GetRequiredService<IWebHostEnvironment>().ContentRootPath;
        await File.WriteAllTextAsync(Path.Combine(root, "Started.txt"), "");
        await context.Response.WriteAsync("Hello World");
    }
}
