using System;
using System.Security.Cryptography;
using System.Text;
using System.Threading.Tasks;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.IISIntegration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Ancmd.Identity;

/// <summary>
/// Gives the user that the server in front has authenticated to the app, as the IIS integration gives the user of a
/// Windows token, which exists on Windows only.
/// </summary>
internal sealed class IdentityMiddleware
{
    /// <summary>Base64 of a JSON object in UTF-8: name, authenticationType, groups.</summary>
    private const string UserHeader = "MS-ASPNETCORE-ANCMD-USER";

    /// <summary>The pairing token, as the IIS integration checks it.</summary>
    private const string TokenHeader = "MS-ASPNETCORE-TOKEN";

    /// <summary>Tells the server in front that users are taken here; it removes the header.</summary>
    private const string ProofHeader = "MS-ASPNETCORE-ANCMD-IDENTITY";

    private readonly RequestDelegate _next;
    private readonly IISOptions _options;
    private readonly byte[] _token;
    private readonly ILogger _logger;
    private readonly object _lock = new();
    private volatile bool _hasScheme;

    public IdentityMiddleware(
        RequestDelegate next, IOptions<IISOptions> options, IConfiguration configuration, ILogger<IdentityMiddleware> logger)
    {
        _logger = logger;
        _next = next;
        _options = options.Value;
        // Host settings come from variables that begin with ASPNETCORE_, without that prefix.
        var token = configuration["TOKEN"] ?? Environment.GetEnvironmentVariable("ASPNETCORE_TOKEN");
        _token = Encoding.UTF8.GetBytes(token ?? "");
    }

    public Task Invoke(HttpContext context)
    {
        if (!_hasScheme) ReplaceScheme(context.RequestServices.GetRequiredService<IAuthenticationSchemeProvider>());
        // Callbacks run in reverse order, so nothing of the app can remove the header after this one.
        context.Response.OnStarting(static state =>
        {
            ((HttpContext)state).Response.Headers[ProofHeader] = "1";
            return Task.CompletedTask;
        }, context);
        var headers = context.Request.Headers;
        var written = headers[UserHeader];
        if (written.Count == 0) return _next(context);
        headers.Remove(UserHeader);
        // The IIS integration checks the token, too. But default builders register it after the hosting startups, so it
        // runs after this middleware; and anybody on this machine can write the header.
        if (written.Count != 1 || !HasToken(headers[TokenHeader])) return Refuse(context, "does not come with the pairing token");
        var user = UserReader.Read(written[0]!);
        if (user is null) return Refuse(context, "cannot be read");
        context.Features.Set(new IdentityFeature(user));
        if (_options.AutomaticAuthentication) context.User = user;
        return _next(context);
    }

    /// <summary>
    /// The scheme of the IIS integration knows Windows tokens only. It is registered when the app's pipeline is built, so
    /// it can be replaced at the first request at the earliest.
    /// </summary>
    private void ReplaceScheme(IAuthenticationSchemeProvider schemes)
    {
        lock (_lock)
        {
            if (_hasScheme) return;
            schemes.RemoveScheme(IISDefaults.AuthenticationScheme);
            schemes.AddScheme(new AuthenticationScheme(
                IISDefaults.AuthenticationScheme, _options.AuthenticationDisplayName, typeof(IdentityHandler)));
            _hasScheme = true;
        }
    }

    private Task Refuse(HttpContext context, string why)
    {
        _logger.LogError("The header {Header} {Why}: the request is refused with 400.", UserHeader, why);
        context.Response.StatusCode = StatusCodes.Status400BadRequest;
        return Task.CompletedTask;
    }

    private bool HasToken(string? token) =>
        _token.Length > 0 && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(token ?? ""), _token);
}
