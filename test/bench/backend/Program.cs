// A Kestrel that does as little as possible, to be measured through a proxy (/plaintext … /echo), and that tells what it
// read (everything else), to be asked whether it reads a request as we do. It is an app behind IIS, whose integration
// middleware refuses every request without the pairing token; with BACKEND_PORT it is a plain server on that port.
using System.Buffers;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;

var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.ClearProviders();
builder.WebHost.ConfigureKestrel(kestrel =>
{
    kestrel.Limits.MaxRequestBodySize = null;
    kestrel.Limits.MinRequestBodyDataRate = null;
});
var plainPort = Environment.GetEnvironmentVariable("BACKEND_PORT");
if (plainPort is null) builder.WebHost.UseIISIntegration();
else builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenLocalhost(int.Parse(plainPort)));
var app = builder.Build();

var hello = "Hello, World!"u8.ToArray();
var piece = Encoding.ASCII.GetBytes(new string('p', 100));
var medium = Encoding.ASCII.GetBytes(new string('m', 16 * 1024));
var page = Encoding.ASCII.GetBytes(Page(35_000));
var large = Encoding.ASCII.GetBytes(new string('l', 1024 * 1024));

app.UseWebSockets();
app.Run(context => context.Request.Path.Value switch
{
    "/plaintext" => Whole(context, hello),
    "/16k" => Whole(context, medium),
    "/page" => Whole(context, page, "text/html"),
    "/1m" => Whole(context, large),
    "/chunked" => Pieces(context),
    "/upload" => Upload(context),
    "/echo" when context.WebSockets.IsWebSocketRequest => Echo(context),
    _ => Parsed(context),
});
await app.StartAsync();
Console.WriteLine("ready");
await app.WaitForShutdownAsync();

// A page with as much repetition as pages have: a list of goods with names and prices that look random and are always the same.
static string Page(int length)
{
    string[] words = ["amber", "bottle", "copper", "drawer", "engine", "feather", "garden", "hammer", "island", "jacket", "kettle", "ladder"];
    var text = new StringBuilder("<!doctype html>\n<html lang=\"en\">\n<head><title>Catalogue</title></head>\n<body>\n<ul class=\"goods\">\n");
    var state = 7u;
    uint Next(uint limit) => (state = state * 1664525 + 1013904223) / 65536 % limit;
    while (text.Length < length - 200)
    {
        var (first, second) = (words[Next(12)], words[Next(12)]);
        text.Append($"  <li class=\"item\"><a href=\"/goods/{Next(90000) + 10000}/{first}-{second}\">{first} {second}</a> <span class=\"price\">{Next(900)}.{Next(90) + 10}</span></li>\n");
    }
    return text.Append("</ul>\n</body>\n</html>\n").ToString();
}

static Task Whole(HttpContext context, byte[] body, string type = "text/plain")
{
    context.Response.ContentType = type;
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

static async Task Echo(HttpContext context)
{
    using var socket = await context.WebSockets.AcceptWebSocketAsync();
    var buffer = new byte[4096];
    while (true)
    {
        var read = await socket.ReceiveAsync(buffer.AsMemory(), context.RequestAborted);
        if (read.MessageType == WebSocketMessageType.Close) break;
        await socket.SendAsync(buffer.AsMemory(0, read.Count), read.MessageType, read.EndOfMessage, context.RequestAborted);
    }
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
        scheme = request.Scheme,
        fields,
        body = Encoding.Latin1.GetString(body.ToArray()),
    });
    await Whole(context, Encoding.UTF8.GetBytes(answer));
}
