namespace TestApp.Endpoints;

/// <summary>Framings: chosen by the server, chosen by the app, and broken off.</summary>
public static class RawResponseEndpoints
{
    public static readonly (string Name, Handler Run)[] All =
    [
        ("chunked", (context, _) => WriteAndFlush(context, "Chunked")),
        ("notchunked", (context, _) =>
        {
            context.Response.ContentType = "text/html;charset=UTF-8";
            return WriteAndFlush(context, "NotChunked");
        }),
        ("manuallychunked", (context, _) => Framed(context, "chunked", "10\r\nManually Chunked\r\n0\r\n\r\n")),
        ("manuallychunkedandclose", (context, _) =>
        {
            context.Response.Headers.Connection = "close";
            return Framed(context, "chunked", "1A\r\nManually Chunked and Close\r\n0\r\n\r\n");
        }),
        ("SetTransferEncoding", (context, rest) =>
        {
            var parts = rest.Split('_', 2);
            return Framed(context, parts[0], parts.Length > 1 ? parts[1] : "10\r\nManually Chunked\r\n0\r\n\r\n");
        }),
        ("TruncatedBody", async (context, _) =>
        {
            context.Response.ContentLength = 100;
            await WriteAndFlush(context, "only this");
            context.Abort();
        }),
        ("TruncatedChunks", async (context, _) =>
        {
            await WriteAndFlush(context, "only this");
            context.Abort();
        }),
    ];

    private static async Task WriteAndFlush(HttpContext context, string text)
    {
        await context.Response.WriteAsync(text);
        await context.Response.Body.FlushAsync();
    }

    private static Task Framed(HttpContext context, string encoding, string bytes)
    {
        context.Response.Headers.TransferEncoding = encoding;
        return context.Response.WriteAsync(bytes);
    }
}
