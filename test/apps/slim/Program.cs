// The slim builder leaves the IIS integration out: such an app listens where ASPNETCORE_URLS says and checks no token.
var builder = WebApplication.CreateSlimBuilder(args);
// Longer than any test waits for a stop that works, shorter than shutdownTimeLimit.
builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(2));
var app = builder.Build();
app.Lifetime.ApplicationStopping.Register(() => Journal("stopping"));
app.Lifetime.ApplicationStopped.Register(() => Journal("stopped"));
app.MapGet("/", () => "slim");
app.MapPost("/echo", async (HttpRequest request, HttpResponse response) => await request.Body.CopyToAsync(response.Body));
// Server-sent events without end, which heed nothing but the client's leaving.
app.MapGet("/events", async (HttpContext context) =>
{
    context.Response.ContentType = "text/event-stream";
    for (var number = 1; ; number++)
    {
        await context.Response.WriteAsync($"data: {number}\n\n", context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
        await Task.Delay(100, context.RequestAborted);
    }
});
app.Run();

static void Journal(string line)
{
    var file = Environment.GetEnvironmentVariable("ANCMTestJournal");
    if (!string.IsNullOrEmpty(file)) File.AppendAllText(file, line + "\n");
}
