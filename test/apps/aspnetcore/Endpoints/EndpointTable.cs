namespace TestApp.Endpoints;

/// <summary>One endpoint: <paramref name="rest"/> is what follows its name in the path.</summary>
public delegate Task Handler(HttpContext context, string rest);

/// <summary>Finds the endpoint by the first segment of the path, or by a prefix with the parameter glued on.</summary>
public static class EndpointTable
{
    private static readonly string[] _glued =
        ["DoSleep", "GetRequestHeaderValue", "ExpandEnvironmentVariables", "MemoryLeak", "SetTransferEncoding"];

    private static readonly Dictionary<string, Handler> _table = new(
        RequestEndpoints.All.Concat(EnvironmentEndpoints.All).Concat(IdentityEndpoints.All).Concat(BodyEndpoints.All)
            .Concat(ResponseEndpoints.All).Concat(RawResponseEndpoints.All).Concat(LifeEndpoints.All)
            .Concat(WebSocketEndpoints.All)
            .Select(pair => KeyValuePair.Create(pair.Name, pair.Run)),
        StringComparer.OrdinalIgnoreCase);

    public static Task Dispatch(HttpContext context)
    {
        var path = context.Request.Path.Value ?? "";
        var end = path.Length > 1 ? path.IndexOf('/', 1) : -1;
        var segment = path.Length == 0 ? "" : end < 0 ? path[1..] : path[1..end];
        if (_table.TryGetValue(segment, out var run)) return run(context, end < 0 ? "" : path[end..]);
        var name = _glued.FirstOrDefault(candidate => segment.StartsWith(candidate, StringComparison.OrdinalIgnoreCase));
        return name is null ? context.Response.WriteAsync("Running") : _table[name](context, path[(1 + name.Length)..]);
    }

    /// <summary>An endpoint that answers with one text.</summary>
    public static Handler Say(Func<HttpContext, string, string> text) => (context, rest) =>
    {
        var answer = text(context, rest);
        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.ContentLength = System.Text.Encoding.UTF8.GetByteCount(answer);
        return context.Response.WriteAsync(answer);
    };

    public static Handler Say(Func<string> text) => Say((_, _) => text());
}
