using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http.Features;
using static TestApp.Endpoints.EndpointTable;

namespace TestApp.Endpoints;

/// <summary>Users, certificates and the features that the integration middleware switches.</summary>
public static class IdentityEndpoints
{
    public static readonly (string Name, Handler Run)[] All =
    [
        ("BodyLimit", Say((context, _) =>
            context.Features.Get<IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize?.ToString() ?? "null")),
        ("UpgradeFeatureDetection", Say((context, _) =>
            context.Features.Get<IHttpUpgradeFeature>() is null ? "Disabled" : "Enabled")),
        ("Auth", Auth),
        ("Anonymous", Say((context, _) => $"Anonymous?{context.User.Identity?.IsAuthenticated != true}")),
        ("Restricted", Restricted),
        ("RestrictedNTLM", Restricted),
        ("RestrictedNegotiate", Restricted),
        ("Forbidden", Forbidden),
        ("AutoForbid", Forbidden),
        ("ImpersonateMiddleware", Say(() => "ImpersonateMiddleware-UserName = NoAuthentication")),
        ("GetClientCert", GetClientCert),
    ];

    private static async Task Auth(HttpContext context, string rest)
    {
        var schemes = context.RequestServices.GetService<IAuthenticationSchemeProvider>();
        var scheme = schemes is null ? null : (await schemes.GetAllSchemesAsync()).SingleOrDefault();
        var user = context.User.Identity?.Name;
        await context.Response.WriteAsync((scheme?.Name ?? "null") + (user is null ? "" : $":{user}"));
    }

    private static Task Restricted(HttpContext context, string rest)
    {
        if (context.User.Identity is { IsAuthenticated: true } identity) return context.Response.WriteAsync(identity.AuthenticationType ?? "");
        context.Response.StatusCode = 401;
        context.Response.Headers.WWWAuthenticate = new string[] { "Negotiate", "NTLM" };
        return Task.CompletedTask;
    }

    private static Task Forbidden(HttpContext context, string rest)
    {
        context.Response.StatusCode = 403;
        return Task.CompletedTask;
    }

    private static async Task GetClientCert(HttpContext context, string rest)
    {
        var certificate = await context.Connection.GetClientCertificateAsync();
        await context.Response.WriteAsync(certificate is null ? "Disabled" : $"Enabled;{certificate.Thumbprint}");
    }
}
