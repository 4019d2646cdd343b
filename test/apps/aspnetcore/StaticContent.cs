using Microsoft.Net.Http.Headers;

namespace TestApp;

/// <summary>The files of wwwroot: plain, or with caching (and compression) as the module's caching test wants them.</summary>
public static class StaticContent
{
    public static void Use(WebApplication app)
    {
        var mode = Environment.GetEnvironmentVariable("ANCMTestStartupClassName");
        var caching = mode is "StartupCompressionCaching" or "StartupNoCompressionCaching";
        if (!caching)
        {
            app.UseStaticFiles();
            return;
        }
        app.UseResponseCaching();
        if (mode == "StartupCompressionCaching") app.UseResponseCompression();
        app.UseDefaultFiles();
        app.UseStaticFiles(new StaticFileOptions
        {
            OnPrepareResponse = file =>
            {
                var headers = file.Context.Response.Headers;
                headers[HeaderNames.CacheControl] = "public,max-age=10";
                headers["MyCustomHeader"] = DateTime.UtcNow.Ticks.ToString();
                if (file.Context.Request.Headers.AcceptEncoding.Count > 0) headers.Append(HeaderNames.Vary, HeaderNames.AcceptEncoding);
            },
        });
    }
}
