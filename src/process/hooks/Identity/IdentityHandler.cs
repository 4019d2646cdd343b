using System.Security.Claims;
using System.Threading.Tasks;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;

namespace Ancmd.Identity;

/// <summary>The user of one request, for the handler.</summary>
internal sealed record IdentityFeature(ClaimsPrincipal User);

/// <summary>The scheme "Windows", which answers as that of the IIS integration does.</summary>
internal sealed class IdentityHandler : IAuthenticationHandler
{
    private HttpContext _context = null!;
    private AuthenticationScheme _scheme = null!;

    public Task InitializeAsync(AuthenticationScheme scheme, HttpContext context)
    {
        _scheme = scheme;
        _context = context;
        return Task.CompletedTask;
    }

    public Task<AuthenticateResult> AuthenticateAsync()
    {
        var user = _context.Features.Get<IdentityFeature>()?.User;
        return Task.FromResult(user is null
            ? AuthenticateResult.NoResult()
            : AuthenticateResult.Success(new AuthenticationTicket(user, _scheme.Name)));
    }

    /// <summary>The server in front adds WWW-Authenticate.</summary>
    public Task ChallengeAsync(AuthenticationProperties? properties) => Answer(StatusCodes.Status401Unauthorized);

    public Task ForbidAsync(AuthenticationProperties? properties) => Answer(StatusCodes.Status403Forbidden);

    private Task Answer(int status)
    {
        _context.Response.StatusCode = status;
        return Task.CompletedTask;
    }
}
