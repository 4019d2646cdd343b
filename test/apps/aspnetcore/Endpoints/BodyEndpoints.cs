using System.Security.Cryptography;

namespace TestApp.Endpoints;

/// <summary>Request bodies, read in every way a handler may.</summary>
public static class BodyEndpoints
{
    private static int _countedRequests;

    public static readonly (string Name, Handler Run)[] All =
    [
        ("EchoPostData", EchoPostData),
        ("ReadAndWriteEcho", (context, _) => Echo(context, 1, flush: false)),
        ("ReadAndWriteCopyToAsync", (context, _) => context.Request.Body.CopyToAsync(context.Response.Body)),
        ("ReadAndFlushEcho", (context, _) => Echo(context, 1, flush: true)),
        ("ReadAndWriteEchoTwice", (context, _) => Echo(context, 2, flush: true)),
        ("ReadAndWriteEchoLines", EchoLines),
        ("ReadAndWriteEchoLinesNoBuffering", EchoLines),
        ("ReadAndWriteSynchronously", (context, _) => ReadWhileWriting(context, 10_000)),
        ("ReadAndWriteSlowConnection", (context, _) => ReadWhileWriting(context, 100)),
        ("ReadFullBody", ReadFullBody),
        ("ReadRequestBody", (context, _) => Drain(context.Request.Body, 1)),
        ("ReadRequestBodyLarger", (context, _) => Drain(context.Request.Body, 4096)),
        ("BodyHash", BodyHash),
        ("ReadPartialBody", ReadPartialBody),
        ("ReadAndCountRequestBody", ReadAndCountRequestBody),
        ("SetHeaderFromBody", SetHeaderFromBody),
        ("TransferEncodingHeadersWithMultipleValues", (context, _) =>
        {
            var got = context.Request.Headers.TransferEncoding.ToString();
            context.Response.StatusCode = got == "gzip, chunked" ? 200 : 500;
            return context.Response.WriteAsync(got);
        }),
        ("TransferEncodingAndContentLengthShouldBeRemove", (context, _) =>
        {
            var headers = context.Request.Headers;
            context.Response.StatusCode = headers.TransferEncoding.Count > 0 && headers.ContentLength is not null ? 500 : 200;
            return Task.CompletedTask;
        }),
    ];

    private static async Task EchoPostData(HttpContext context, string rest)
    {
        if (context.Request.Method != "POST")
        {
            await context.Response.WriteAsync("NoAction");
        }
        else if (context.Request.HasFormContentType)
        {
            var form = await context.Request.ReadFormAsync();
            await context.Response.WriteAsync(string.Join("&", form.Select(field => $"{field.Key}={field.Value}")));
        }
        else
        {
            await context.Request.Body.CopyToAsync(context.Response.Body);
        }
    }

    private static async Task Echo(HttpContext context, int times, bool flush)
    {
        var buffer = new byte[65_536];
        int read;
        while ((read = await context.Request.Body.ReadAsync(buffer, context.RequestAborted)) > 0)
        {
            for (var i = 0; i < times; i++) await context.Response.Body.WriteAsync(buffer.AsMemory(0, read));
            if (flush) await context.Response.Body.FlushAsync();
        }
    }

    private static async Task EchoLines(HttpContext context, string rest)
    {
        if (context.Request.Headers["Response-Content-Type"].ToString() is { Length: > 0 } type) context.Response.ContentType = type;
        await context.Response.Body.FlushAsync();
        using var reader = new StreamReader(context.Request.Body);
        while (await reader.ReadLineAsync() is string line)
        {
            await context.Response.WriteAsync(line + "\n");
            await context.Response.Body.FlushAsync();
        }
    }

    private static async Task ReadWhileWriting(HttpContext context, int times)
    {
        var reading = Drain(context.Request.Body, 1);
        for (var i = 0; i < times; i++) await context.Response.WriteAsync("hello world");
        await reading;
    }

    private static async Task ReadFullBody(HttpContext context, string rest)
    {
        await Drain(context.Request.Body, 4096);
        context.Response.ContentLength = 9;
        await context.Response.WriteAsync("Completed");
    }

    /// <summary>Bytes and SHA-256 of the body, without keeping it.</summary>
    private static async Task BodyHash(HttpContext context, string rest)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[65_536];
        long length = 0;
        int read;
        while ((read = await context.Request.Body.ReadAsync(buffer)) > 0)
        {
            hash.AppendData(buffer, 0, read);
            length += read;
        }
        await context.Response.WriteAsync($"{length} {Convert.ToHexStringLower(hash.GetHashAndReset())}");
    }

    private static async Task ReadPartialBody(HttpContext context, string rest)
    {
        var buffer = new byte[5];
        await context.Request.Body.ReadExactlyAsync(buffer);
        context.Response.ContentLength = 5;
        await context.Response.Body.WriteAsync(buffer);
    }

    private static async Task ReadAndCountRequestBody(HttpContext context, string rest)
    {
        try
        {
            await context.Response.WriteAsync(Interlocked.Increment(ref _countedRequests).ToString());
            await context.Response.Body.FlushAsync();
            await context.Request.Body.ReadExactlyAsync(new byte[1]);
            await context.Response.WriteAsync("done");
        }
        finally
        {
            Interlocked.Decrement(ref _countedRequests);
        }
    }

    private static async Task SetHeaderFromBody(HttpContext context, string rest)
    {
        using var reader = new StreamReader(context.Request.Body);
        var text = await reader.ReadToEndAsync();
        context.Response.Headers["BodyAsString"] = text;
        await context.Response.WriteAsync(text);
    }

    private static async Task Drain(Stream body, int size)
    {
        var buffer = new byte[size];
        while (await body.ReadAsync(buffer) > 0) { }
    }
}
