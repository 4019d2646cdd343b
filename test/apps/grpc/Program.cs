// A gRPC service with its framing written by hand: messages are bytes, methods of all four kinds, and the errors.
using System.Buffers.Binary;
using System.Text;

var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = [] });
builder.Logging.SetMinimumLevel(LogLevel.Warning);
var app = builder.Build();
var aborted = 0;

app.MapPost("/test.Echo/Unary", async context =>
{
    Begin(context);
    var message = await Read(context) ?? [];
    await Write(context, message);
    End(context, 0);
});

// The request says how many messages it wants.
app.MapPost("/test.Echo/ServerStream", async context =>
{
    Begin(context);
    var count = int.Parse(Encoding.UTF8.GetString(await Read(context) ?? []));
    for (var i = 0; i < count; i++) await Write(context, Encoding.UTF8.GetBytes($"message {i}"));
    End(context, 0);
});

app.MapPost("/test.Echo/ClientStream", async context =>
{
    Begin(context);
    var (messages, bytes) = (0, 0L);
    while (await Read(context) is { } message) (messages, bytes) = (messages + 1, bytes + message.Length);
    await Write(context, Encoding.UTF8.GetBytes($"{messages} messages, {bytes} bytes"));
    End(context, 0);
});

app.MapPost("/test.Echo/Bidi", async context =>
{
    Begin(context);
    await context.Response.StartAsync();
    while (await Read(context) is { } message) await Write(context, message);
    End(context, 0);
});

// An error without a body: its status stands in the only head (Trailers-Only).
app.MapPost("/test.Echo/NotFound", context =>
{
    Begin(context);
    context.Response.Headers["grpc-status"] = "5";
    context.Response.Headers["grpc-message"] = "nothing of that name";
    return Task.CompletedTask;
});

// An error after a message.
app.MapPost("/test.Echo/FailsLate", async context =>
{
    Begin(context);
    await Write(context, Encoding.UTF8.GetBytes("one"));
    End(context, 10, "given up");
});

app.MapPost("/test.Echo/Resets", async context =>
{
    Begin(context);
    await Write(context, Encoding.UTF8.GetBytes("one"));
    context.Abort();
});

app.MapPost("/test.Echo/Waits", async context =>
{
    Begin(context);
    await context.Response.Body.FlushAsync();
    try
    {
        await Task.Delay(Timeout.Infinite, context.RequestAborted);
    }
    catch (OperationCanceledException)
    {
        Interlocked.Increment(ref aborted);
    }
});

app.MapPost("/test.Echo/About", async context =>
{
    Begin(context);
    var about = $"{aborted} aborted; {context.Request.Protocol}; {context.Request.Scheme}; te={context.Request.Headers.TE}";
    await Write(context, Encoding.UTF8.GetBytes(about));
    End(context, 0);
});

app.Run();

static void Begin(HttpContext context) => context.Response.ContentType = "application/grpc";

static void End(HttpContext context, int status, string message = "")
{
    context.Response.AppendTrailer("grpc-status", status.ToString());
    if (message != "") context.Response.AppendTrailer("grpc-message", message);
}

static async Task<byte[]?> Read(HttpContext context)
{
    var prefix = new byte[5];
    if (await context.Request.Body.ReadAtLeastAsync(prefix, 5, throwOnEndOfStream: false) < 5) return null;
    var message = new byte[BinaryPrimitives.ReadInt32BigEndian(prefix.AsSpan(1))];
    await context.Request.Body.ReadExactlyAsync(message);
    return message;
}

static async Task Write(HttpContext context, byte[] message)
{
    var prefix = new byte[5];
    BinaryPrimitives.WriteInt32BigEndian(prefix.AsSpan(1), message.Length);
    await context.Response.Body.WriteAsync(prefix);
    await context.Response.Body.WriteAsync(message);
    await context.Response.Body.FlushAsync();
}
