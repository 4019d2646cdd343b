using System.Diagnostics;

// An app as templates make it: it sets no limit of its own.
var app = WebApplication.CreateBuilder(args).Build();
app.MapGet("/", () => "upload");
app.MapPost("/length", async (HttpRequest request) =>
{
    var buffer = new byte[65_536];
    long length = 0;
    int read;
    while ((read = await request.Body.ReadAsync(buffer)) > 0) length += read;
    return length.ToString();
});
app.MapGet("/variable", (string name) => Environment.GetEnvironmentVariable(name) ?? "(unset)");
app.MapGet("/switch", (string name) => AppContext.TryGetSwitch(name, out var on) ? on.ToString() : "(unset)");
// What a program that the app starts is told.
app.MapGet("/child-variable", async (string name) =>
{
    using var child = Process.Start(new ProcessStartInfo("printenv", name) { RedirectStandardOutput = true })!;
    var value = await child.StandardOutput.ReadToEndAsync();
    return value == "" ? "(unset)" : value.Trim();
});
app.Run();
