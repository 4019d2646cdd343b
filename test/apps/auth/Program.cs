using System.Net.WebSockets;
using System.Security.Claims;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Server.IISIntegration;

// An app of an intranet as it is written for IIS: users come from the server in front. It knows nothing of ancmd.
static bool Is(string name, string value) => Environment.GetEnvironmentVariable(name) == value;

var builder = Is("AuthAppBuilder", "slim") ? WebApplication.CreateSlimBuilder(args) : WebApplication.CreateBuilder(args);
var isAutomatic = !Is("AuthAppAutomatic", "false");
// Without a default scheme nobody asks for the user but the app itself.
if (!isAutomatic) AppContext.SetSwitch("Microsoft.AspNetCore.Authentication.SuppressAutoDefaultScheme", true);
if (isAutomatic) builder.Services.AddAuthentication(IISDefaults.AuthenticationScheme);
else builder.Services.AddAuthentication();
builder.Services.AddAuthorizationBuilder()
    .AddPolicy("auditors", policy => policy.RequireRole(Environment.GetEnvironmentVariable("AuthAppRole") ?? "Auditors"))
    .AddPolicy("named", policy => policy.RequireAssertion(context => context.User.Identity?.Name == "alice"));
builder.Services.Configure<IISOptions>(iis => iis.AutomaticAuthentication = isAutomatic);

var app = builder.Build();
var requests = 0;
app.Use((context, next) =>
{
    Interlocked.Increment(ref requests);
    return next();
});
if (Is("AuthAppReadsHeader", "true"))
{
    // As README.md has it.
    var token = Environment.GetEnvironmentVariable("ASPNETCORE_TOKEN");
    app.Use((context, next) =>
    {
        var headers = context.Request.Headers;
        if (headers["MS-ASPNETCORE-TOKEN"] != token || headers["MS-ASPNETCORE-ANCMD-USER"] is not [string written]) return next();
        var user = JsonDocument.Parse(Convert.FromBase64String(written)).RootElement;
        var groups = user.GetProperty("groups").EnumerateArray().Select(group => new Claim(ClaimTypes.Role, group.GetString()!));
        context.User = new(new ClaimsIdentity([new(ClaimTypes.Name, user.GetProperty("name").GetString()!), .. groups], "Windows"));
        return next();
    });
}
if (Is("AuthAppErrors", "handled")) app.UseExceptionHandler(errors => errors.Run(context => context.Response.WriteAsync("handled")));
app.UseAuthorization();
app.UseWebSockets();

app.MapGet("/", (ClaimsPrincipal user) => $"hello {user.Identity?.Name ?? "nobody"}");
app.MapGet("/whoami", (ClaimsPrincipal user) => new JsonObject
{
    ["name"] = user.Identity?.Name,
    ["isAuthenticated"] = user.Identity?.IsAuthenticated,
    ["type"] = user.Identity?.AuthenticationType,
    ["method"] = user.FindFirstValue(ClaimTypes.AuthenticationMethod),
    ["roles"] = string.Join(",", user.FindAll(ClaimTypes.Role).Select(claim => claim.Value)),
    ["isAuditor"] = user.IsInRole("auditors"),
}.ToJsonString());
app.MapGet("/secret", (ClaimsPrincipal user) => $"secret of {user.Identity?.Name}").RequireAuthorization();
app.MapGet("/chosen", (ClaimsPrincipal user) => $"chosen {user.Identity?.Name}").RequireAuthorization(policy => policy
    .AddAuthenticationSchemes(IISDefaults.AuthenticationScheme)
    .RequireAuthenticatedUser());
app.MapGet("/audit", () => "audit").RequireAuthorization("auditors");
app.MapGet("/named", () => "named").RequireAuthorization("named");
app.MapGet("/asked", async (HttpContext context) =>
{
    var result = await context.AuthenticateAsync(IISDefaults.AuthenticationScheme);
    return $"{context.User.Identity?.Name ?? "nobody"}, asked: {result.Principal?.Identity?.Name ?? "nobody"}";
});
app.MapGet("/headers", (HttpRequest request) => string.Join(",",
    request.Headers.Keys.Where(name => name.StartsWith("MS-", StringComparison.OrdinalIgnoreCase)).Order()));
// By this AddNegotiate() decides whether it leaves users to the server in front.
app.MapGet("/integrated", (IServiceProvider services) =>
    services.GetServices<IServerIntegratedAuth>().LastOrDefault() is { IsEnabled: true } auth ? auth.AuthenticationScheme : "none");
app.MapGet("/requests", () => Volatile.Read(ref requests).ToString());
app.MapGet("/runtime", () => Environment.Version.Major.ToString());
app.MapGet("/variable", (string name) => Environment.GetEnvironmentVariable(name) ?? "(unset)");
app.MapGet("/throws", string () => throw new InvalidOperationException("on purpose"));
app.MapGet("/clears", async (HttpContext context) =>
{
    context.Response.OnStarting(() => { context.Response.Headers.Clear(); return Task.CompletedTask; });
    await context.Response.WriteAsync("cleared");
});
app.MapPost("/length", async (HttpRequest request, ClaimsPrincipal user) =>
{
    using var body = new MemoryStream();
    await request.Body.CopyToAsync(body);
    return $"{user.Identity?.Name}: {body.Length}";
});
// A handshake is a CONNECT in HTTP/2.
app.MapMethods("/socket", ["GET", "CONNECT"], async (HttpContext context) =>
{
    using var socket = await context.WebSockets.AcceptWebSocketAsync();
    var text = Encoding.UTF8.GetBytes($"hello {context.User.Identity?.Name ?? "nobody"}");
    await socket.SendAsync(text, WebSocketMessageType.Text, true, default);
    await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, default);
});
app.Run();
