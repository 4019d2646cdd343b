// Applies ASP.NET Core's own reader of IIS's rewrite rules to requests. Each line of the input is a request in JSON, each line
// of the output what became of it: a target, a status with the Location, `unloadable`, or `threw` with the exception.
using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Rewrite;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Logging.Abstractions;

var ruleFiles = new Dictionary<string, RewriteOptions?>();
using var output = new StreamWriter(Console.OpenStandardOutput());
while (Console.ReadLine() is { } line)
{
    var asked = JsonDocument.Parse(line).RootElement;
    string Text(string name) => asked.GetProperty(name).GetString()!;
    var file = Text("file");
    if (!ruleFiles.TryGetValue(file, out var options)) ruleFiles[file] = options = Load(file);
    output.WriteLine(JsonSerializer.Serialize(options is null ? "unloadable" : Apply(options, Text)));
}

static RewriteOptions? Load(string file)
{
    try
    {
        using var reader = File.OpenText(file);
        return new RewriteOptions().AddIISUrlRewrite(reader);
    }
    catch (Exception exception)
    {
        Console.Error.WriteLine($"{file}: {exception.Message}");
        return null;
    }
}

static string Apply(RewriteOptions options, Func<string, string> text)
{
    var http = new DefaultHttpContext();
    var request = http.Request;
    request.Method = text("method");
    request.Scheme = text("scheme");
    request.Host = new HostString(text("host"));
    request.Path = PathString.FromUriComponent(text("path"));
    request.QueryString = new QueryString(text("query"));
    http.Connection.RemoteIpAddress = IPAddress.Loopback;
    var context = new RewriteContext
    {
        HttpContext = http,
        StaticFileProvider = new NullFileProvider(),
        Logger = NullLogger.Instance,
    };
    try
    {
        foreach (var rule in options.Rules)
        {
            rule.ApplyRule(context);
            if (context.Result != RuleResult.ContinueRules) break;
        }
        return context.Result == RuleResult.EndResponse
            ? $"{http.Response.StatusCode} {http.Response.Headers.Location}".Trim()
            : $"{request.Path.ToUriComponent()}{request.QueryString.ToUriComponent()}";
    }
    catch (Exception exception)
    {
        return $"threw {exception.GetType().Name}";
    }
}
