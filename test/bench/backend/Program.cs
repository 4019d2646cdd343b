// A Kestrel that does as little as possible, to be measured through a proxy (/plaintext … /upload), and that tells what
// it read (/parsed), to be asked whether it reads a request as we do.
using System.Buffers;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;

var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.ClearProviders();
builder.WebHost.ConfigureKestrel(kestrel =>
{
    kestrel.Limits.MaxRequestBodySize = null;
    kestrel.Limits.MinRequestBodyDataRate = null;
    kestrel.ListenLocalhost(int.Parse(Environment.GetEnvironmentVariable("BACKEND_PORT")!));
});
var app = builder.Build();

var hello = "Hello, World!"u8.ToArray();
var piece = Encoding.ASCII.GetBytes(new string('p', 100));
var medium = Encoding.ASCII.GetBytes(new string('m', 16 * 1024));
var large = Encoding.ASCII.GetBytes(new string('l', 1024 * 1024));

app.Run(context => context.Request.Path.Value switch
{
    "/plaintext" => Whole(context, hello),
    "/16k" => Whole(context, medium),
    "/1m" => Whole(context, large),
    "/chunked" => Pieces(context),
    "/upload" => Upload(context),
    _ => Parsed(context),
});
await app.StartAsync();
Console.WriteLine("ready");
await app.WaitForShutdownAsync();

static Task Whole(HttpContext context, byte[] body)
{
    context.Response.ContentType = "text/plain";
    context.Response.ContentLength = body.Length;
    return context.Response.Body.WriteAsync(body, 0, body.Length);
}

async Task Pieces(HttpContext context)
{
    context.Response.ContentType = "text/plain";
    for (var i = 0; i < 10; i++) await context.Response.Body.WriteAsync(piece);
}

static async Task Upload(HttpContext context)
{
    long length = 0;
    var reader = context.Request.BodyReader;
    while (true)
    {
        var read = await reader.ReadAsync();
        length += read.Buffer.Length;
        reader.AdvanceTo(read.Buffer.End);
        if (read.IsCompleted) break;
    }
    await Whole(context, Encoding.ASCII.GetBytes(length.ToString()));
}

// Method, target as received, every field line, and the body with its trailers, as JSON; bytes as Latin-1.
static async Task Parsed(HttpContext context)
{
    using var body = new MemoryStream();
    await context.Request.Body.CopyToAsync(body);
    var request = context.Features.Get<IHttpRequestFeature>()!;
    var fields = request.Headers.Select(field => new[] { field.Key.ToLowerInvariant(), string.Join(", ", field.Value.ToArray()) });
    var answer = JsonSerializer.Serialize(new
    {
        method = request.Method,
        target = request.RawTarget,
        protocol = request.Protocol,
        fields,
        body = Encoding.Latin1.GetString(body.ToArray()),
    });
    await Whole(context, Encoding.UTF8.GetBytes(answer));
}
