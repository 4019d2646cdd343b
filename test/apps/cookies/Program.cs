// Signs in with the framework's own cookie, which only an app with the same keys and the same content root can read again.
using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme).AddCookie();
var app = builder.Build();
app.UseAuthentication();
app.MapGet("/sign-in", (HttpContext context) =>
{
    var identity = new ClaimsIdentity([new Claim(ClaimTypes.Name, "somebody")], CookieAuthenticationDefaults.AuthenticationScheme);
    return context.SignInAsync(new ClaimsPrincipal(identity));
});
app.MapGet("/user", (HttpContext context) => context.User.Identity?.Name ?? "nobody");
app.MapGet("/folder", (IWebHostEnvironment environment) => environment.ContentRootPath);
app.MapGet("/pid", () => Environment.ProcessId);
app.Run();
