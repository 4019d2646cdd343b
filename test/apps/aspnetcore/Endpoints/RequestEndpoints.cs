using static TestApp.Endpoints.EndpointTable;

namespace TestApp.Endpoints;

/// <summary>What the app sees of the request.</summary>
public static class RequestEndpoints
{
    public static readonly (string Name, Handler Run)[] All =
    [
        ("HelloWorld", Say(() => "Hello World")),
        ("Path", Say((_, rest) => rest)),
        ("RequestPath", Say((_, rest) => rest)),
        ("Query", Say((context, _) => context.Request.QueryString.Value ?? "")),
        ("PathAndPathBase", Say((context, rest) =>
        {
            var path = context.Request.Path.Value!;
            return $"PathBase: {context.Request.PathBase.Value}{path[..^rest.Length]}; Path: {rest}";
        })),
        ("RequestInformation", Say((context, _) => Information(context))),
        ("DumpRequestHeaders", Say((context, _) => string.Concat(
            context.Request.Headers.Select(header => $"{header.Key}:{header.Value}<br/>")))),
        ("GetRequestHeaderValue", Say((context, rest) => context.Request.Headers[rest].ToString())),
        ("HttpsHelloWorld", Say((context, _) =>
            $"Scheme:{context.Request.Scheme}; Original:{context.Request.Headers["X-Original-Proto"]}")),
        ("CheckProtocol", Say((context, _) => context.Request.Protocol)),
        ("Latin1", (context, _) => CheckFoo(context, "£")),
        ("InvalidCharacter", (context, _) => CheckFoo(context, "£")),
    ];

    private static string Information(HttpContext context)
    {
        var (request, connection) = (context.Request, context.Connection);
        string[] lines =
        [
            $"Scheme: {request.Scheme}",
            $"Host: {request.Host}",
            $"PathBase: {request.PathBase.Value}",
            $"Path: {request.Path.Value}",
            $"Query: {request.QueryString.Value}",
            $"Method: {request.Method}",
            $"Protocol: {request.Protocol}",
            $"Remote: {connection.RemoteIpAddress} {connection.RemotePort}",
            $"Local: {connection.LocalIpAddress} {connection.LocalPort}",
            "",
        ];
        var headers = request.Headers.SelectMany(header => header.Value.Select(value => $"{header.Key}: {value}"));
        return string.Join("\n", lines.Concat(headers));
    }

    private static Task CheckFoo(HttpContext context, string expected)
    {
        var value = context.Request.Headers["foo"].ToString();
        context.Response.StatusCode = value == expected ? 200 : 500;
        return context.Response.WriteAsync(Convert.ToHexStringLower(System.Text.Encoding.Latin1.GetBytes(value)));
    }
}
