using System.Collections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using static TestApp.Endpoints.EndpointTable;

namespace TestApp.Endpoints;

/// <summary>What the app was started with: process, folders, environment, arguments.</summary>
public static class EnvironmentEndpoints
{
    public static readonly (string Name, Handler Run)[] All =
    [
        ("ProcessId", Say(() => Environment.ProcessId.ToString())),
        ("GetProcessId", Say(() => Environment.ProcessId.ToString())),
        ("ServerAddresses", Say((context, _) => string.Join(",", context.RequestServices.GetRequiredService<IServer>()
            .Features.Get<IServerAddressesFeature>()!.Addresses))),
        ("EnvironmentVariables", Say(() => string.Join("\n", Variables()))),
        ("DumpEnvironmentVariables", Say(() => string.Join("<br/>", Variables()))),
        ("GetEnvironmentVariables", Say(() => Environment.GetEnvironmentVariables().Count.ToString())),
        ("GetEnvironmentVariable", Say((context, _) => Variable(context.Request.Query["name"].ToString()))),
        ("ExpandEnvironmentVariables", Say((_, rest) => Environment.GetEnvironmentVariable(rest) ?? $"%{rest}%")),
        ("ContentRootPath", Say((context, _) => Host(context).ContentRootPath)),
        ("WebRootPath", Say((context, _) => Host(context).WebRootPath)),
        ("CurrentDirectory", Say(() => Environment.CurrentDirectory)),
        ("BaseDirectory", Say(() => AppContext.BaseDirectory)),
        ("ASPNETCORE_IIS_PHYSICAL_PATH", Say(() => Variable("ASPNETCORE_IIS_PHYSICAL_PATH"))),
        ("CommandLineArgs", Say(() => string.Join("|", Environment.GetCommandLineArgs().Skip(1)))),
        ("ANCM_HTTPS_PORT", Say((context, _) => Setting(context, "ANCM_HTTPS_PORT"))),
        ("HTTPS_PORT", Say((context, _) => Setting(context, "HTTPS_PORT"))),
    ];

    /// <summary>The value, or the empty string.</summary>
    public static string Variable(string name) => Environment.GetEnvironmentVariable(name) ?? "";

    private static IEnumerable<string> Variables() =>
        Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().Select(entry => $"{entry.Key}={entry.Value}");

    private static IWebHostEnvironment Host(HttpContext context) =>
        context.RequestServices.GetRequiredService<IWebHostEnvironment>();

    private static string Setting(HttpContext context, string name) =>
        context.RequestServices.GetRequiredService<IConfiguration>().GetValue<int?>(name)?.ToString() ?? "NOVALUE";
}
