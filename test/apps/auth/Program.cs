using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Server.IISIntegration;

// An app of an intranet as it is written for IIS: users come from the server in front. It knows nothing of ancmd.
static bool Is(string name, string value) => Environment.GetEnvironmentVariable(name) == value;

var builder = Is("AuthAppBuilder", "slim") ? WebApplication.CreateSlimBuilder(args) : WebApplication.CreateBuilder(args);
builder.Services.AddAuthentication(IISDefaults.AuthenticationScheme);
builder.Services.AddAuthorizationBuilder()
    .AddPolicy("auditors", policy => policy.RequireRole("Auditors"))
    .AddPolicy("named", policy => policy.RequireAssertion(context => context.User.Identity?.Name == "alice"));
if (Is("AuthAppAutomatic", "false")) builder.Services.Configure<IISOptions>(iis => iis.AutomaticAuthentication = false);

var app = builder.Build();
if (Is("AuthAppErrors", "handled")) app.UseExceptionHandler(errors => errors.Run(context => context.Response.WriteAsync("handled")));
app.UseAuthorization();
app.UseWebSockets();

app.MapGet("/", (ClaimsPrincipal user) => $"hello {user.Identity?.Name ?? "nobody"}");
app.MapGet("/whoami", (ClaimsPrincipal user) => new
{
    name = user.Identity?.Name,
    isAuthenticated = user.Identity?.IsAuthenticated,
    type = user.Identity?.AuthenticationType,
    method = user.FindFirstValue(ClaimTypes.AuthenticationMethod),
    roles = user.FindAll(ClaimTypes.Role).Select(claim => claim.Value),
    isAuditor = user.IsInRole("auditors"),
});
app.MapGet("/secret", (ClaimsPrincipal user) => $"secret of {user.Identity?.Name}").RequireAuthorization();
app.MapGet("/audit", () => "audit").RequireAuthorization("auditors");
app.MapGet("/named", () => "named").RequireAuthorization("named");
app.MapGet("/asked", async (HttpContext context) =>
{
    var result = await context.AuthenticateAsync(IISDefaults.AuthenticationScheme);
    return $"{context.User.Identity?.Name ?? "nobody"}, asked: {result.Principal?.Identity?.Name ?? "nobody"}";
});
app.MapGet("/headers", (HttpRequest request) =>
    request.Headers.Keys.Where(name => name.StartsWith("MS-", StringComparison.OrdinalIgnoreCase)).Order());
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
app.MapGet("/socket", async (HttpContext context) =>
{
    using var socket = await context.WebSockets.AcceptWebSocketAsync();
    var text = System.Text.Encoding.UTF8.GetBytes($"hello {context.User.Identity?.Name ?? "nobody"}");
    await socket.SendAsync(text, System.Net.WebSockets.WebSocketMessageType.Text, true, default);
    await socket.CloseAsync(System.Net.WebSockets.WebSocketCloseStatus.NormalClosure, null, default);
});
app.MapMethods("/socket", ["CONNECT"], async (HttpContext context) =>
{
    using var socket = await context.WebSockets.AcceptWebSocketAsync();
    var text = System.Text.Encoding.UTF8.GetBytes($"hello {context.User.Identity?.Name ?? "nobody"}");
    await socket.SendAsync(text, System.Net.WebSockets.WebSocketMessageType.Text, true, default);
    await socket.CloseAsync(System.Net.WebSockets.WebSocketCloseStatus.NormalClosure, null, default);
});
app.Run();
