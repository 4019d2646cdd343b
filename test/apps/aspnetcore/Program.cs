// The real ASP.NET Core test app: the endpoints of ANCM's own test sites behind the true IIS integration middleware,
// which WebApplication.CreateBuilder brings along. The Node twin offers the same endpoints.
using System.Text;
using TestApp;
using TestApp.Endpoints;

Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
if (StartupModes.RunBeforeHost(args) is int exitCode) return exitCode;
var switches = StartupSwitches.From(args);

var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = [] });
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.WebHost.ConfigureKestrel(kestrel =>
{
    kestrel.Limits.MaxRequestBodySize = switches.BodyLimit;
    kestrel.RequestHeaderEncodingSelector = name => name.Equals("foo", StringComparison.OrdinalIgnoreCase) ? Encoding.Latin1 : null;
});
builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(120));
builder.Services.AddResponseCompression();
builder.Services.AddResponseCaching();
builder.Services.AddSignalR();
builder.Services.AddSingleton(switches);
builder.Services.AddSingleton<OpenWebSockets>();
// First in the list = outermost: these faults must see the shutdown message before the integration middleware does.
builder.Services.Insert(0, ServiceDescriptor.Singleton<IStartupFilter>(new ShutdownMessageFaults(switches)));

var app = builder.Build();
switches.Apply(app);
if (EnvironmentEndpoints.Variable("ENABLE_HTTPS_REDIRECTION") != "") app.UseHttpsRedirection();
app.Use(switches.DelayFirstRequest);
app.UseWebSockets();
app.UseWhen(context => context.Request.Path.StartsWithSegments("/AppCompression")
    || context.Request.Path.StartsWithSegments("/CompressedData"), branch => branch.UseResponseCompression());
StaticContent.Use(app);
app.MapHub<EchoHub>("/hub");
// Routing sees only the hub; everything else goes by our own table, which looks at the path exactly as it came.
app.Use((context, next) => context.Request.Path.StartsWithSegments("/hub") ? next(context) : EndpointTable.Dispatch(context));

await app.StartAsync();
Journal.Line($"started {Environment.ProcessId} {EnvironmentEndpoints.Variable("ASPNETCORE_PORT")} {EnvironmentEndpoints.Variable("ASPNETCORE_TOKEN")}");
await app.WaitForShutdownAsync();
Journal.Line("stopped");
if (switches.HangOnStop) Thread.Sleep(Timeout.Infinite);
return 0;
