using Microsoft.AspNetCore.Http.Features;
using static TestApp.Endpoints.EndpointTable;

namespace TestApp.Endpoints;

/// <summary>Answers of every size and with every kind of field.</summary>
public static class ResponseEndpoints
{
    private static long _largestWritten;

    public static readonly (string Name, Handler Run)[] All =
    [
        ("SetCustomErorCode", SetCustomErrorCode),
        ("ResponseHeaders", (context, _) =>
        {
            context.Response.Headers["UnknownHeader"] = "test123=foo";
            context.Response.ContentType = "text/plain";
            context.Response.Headers["MultiHeader"] = new string[] { "1", "2" };
            return context.Response.WriteAsync("Request Complete");
        }),
        ("ResponseEmptyHeaders", (context, _) =>
        {
            context.Response.Headers["EmptyHeader"] = "";
            return context.Response.WriteAsync("EmptyHeaderShouldBeSkipped");
        }),
        ("OverrideServer", (context, _) =>
        {
            context.Response.Headers.Server = "MyServer/7.8";
            return Task.CompletedTask;
        }),
        ("ConnectionClose", (context, _) =>
        {
            context.Response.Headers.Connection = "close";
            return context.Response.WriteAsync("Connnection Close");
        }),
        ("contentlength", Say(() => "Content Length")),
        ("SlowDrip", SlowDrip),
        ("LargeResponseBody", LargeResponseBody),
        ("LargeResponseProgress", Say(() => Interlocked.Read(ref _largestWritten).ToString())),
        ("LargeResponseFile", LargeResponseFile),
        ("CompressedData", (context, _) =>
        {
            context.Response.ContentType = "text/html";
            return context.Response.Body.WriteAsync(new byte[100]).AsTask();
        }),
        ("NoAppCompression", Say(() => $"Hello World;{new string('a', 20)}")),
        ("AppCompression", (context, _) =>
        {
            context.Response.ContentType = "text/plain";
            return context.Response.WriteAsync($"Hello World;{new string('a', 20)}");
        }),
    ];

    private static Task SetCustomErrorCode(HttpContext context, string rest)
    {
        var query = context.Request.Query;
        context.Response.StatusCode = int.Parse(query["code"].ToString());
        if (query["reason"].ToString() is { Length: > 0 } reason)
        {
            context.Features.GetRequiredFeature<IHttpResponseFeature>().ReasonPhrase = reason;
        }
        return query["writeBody"] == "True" ? context.Response.WriteAsync(query["body"].ToString()) : Task.CompletedTask;
    }

    private static async Task SlowDrip(HttpContext context, string rest)
    {
        var interval = Number(context, "interval", 100);
        context.Response.ContentType = "text/event-stream";
        for (var i = 0; i < Number(context, "count", 10); i++)
        {
            await context.Response.WriteAsync($"data: {i}\n\n");
            await context.Response.Body.FlushAsync();
            await Task.Delay((int)interval, context.RequestAborted);
        }
    }

    private static async Task LargeResponseBody(HttpContext context, string rest)
    {
        var length = Number(context, "length", 1_000_000);
        var block = new byte[65_536];
        Array.Fill(block, (byte)'a');
        Interlocked.Exchange(ref _largestWritten, 0);
        context.Response.ContentLength = length;
        for (var left = length; left > 0; left -= block.Length)
        {
            var size = (int)Math.Min(left, block.Length);
            await context.Response.Body.WriteAsync(block.AsMemory(0, size), context.RequestAborted);
            Interlocked.Add(ref _largestWritten, size);
        }
    }

    private static async Task LargeResponseFile(HttpContext context, string rest)
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, new string('a', 200_000_000));
            await context.Response.SendFileAsync(file);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static long Number(HttpContext context, string name, long otherwise) =>
        long.TryParse(context.Request.Query[name], out var number) ? number : otherwise;
}
