// A peer: YARP as its documentation sets it up, from BENCH_PORT to BENCH_UP on 127.0.0.1, adding the fields that ancmd adds.
using System.Security.Cryptography.X509Certificates;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Transforms;

string Given(string name) => Environment.GetEnvironmentVariable(name) ?? throw new InvalidOperationException($"{name} is not set");

var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.ClearProviders();
builder.WebHost.ConfigureKestrel(kestrel =>
{
    kestrel.Limits.MaxRequestBodySize = null;
    kestrel.Listen(System.Net.IPAddress.Loopback, int.Parse(Given("BENCH_PORT")), listen =>
    {
        // With a certificate over TLS, HTTP/1.1 and HTTP/2; that is the default of Protocols.
        var certificate = Environment.GetEnvironmentVariable("BENCH_CERTIFICATE");
        if (certificate is not null) listen.UseHttps(X509Certificate2.CreateFromPemFile(certificate, Given("BENCH_KEY")));
    });
});
var route = new RouteConfig { RouteId = "all", ClusterId = "app", Match = new RouteMatch { Path = "{**all}" } };
var destination = new DestinationConfig { Address = $"http://127.0.0.1:{Given("BENCH_UP")}" };
var cluster = new ClusterConfig
{
    ClusterId = "app",
    Destinations = new Dictionary<string, DestinationConfig> { ["app"] = destination },
};
var token = Given("BENCH_TOKEN");
builder.Services.AddReverseProxy()
    .LoadFromMemory([route], [cluster])
    .AddTransforms(transforms =>
    {
        transforms.UseDefaultForwarders = false;
        transforms.AddOriginalHost();
        transforms.AddXForwardedFor("X-Forwarded-For", ForwardedTransformActions.Append);
        transforms.AddXForwardedProto("X-Forwarded-Proto", ForwardedTransformActions.Set);
        // What the client sent under this name was copied already: it goes first.
        transforms.AddRequestHeaderRemove("MS-ASPNETCORE-TOKEN");
        transforms.AddRequestTransform(context =>
        {
            context.ProxyRequest.Headers.TryAddWithoutValidation("MS-ASPNETCORE-TOKEN", token);
            return ValueTask.CompletedTask;
        });
    });
var app = builder.Build();
app.MapReverseProxy();
app.Run();
