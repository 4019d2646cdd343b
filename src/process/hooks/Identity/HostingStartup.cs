using System;
using Ancmd.Identity;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

[assembly: HostingStartup(typeof(IdentityStartup))]

namespace Ancmd.Identity;

/// <summary>Found by ASP.NET Core, because ASPNETCORE_HOSTINGSTARTUPASSEMBLIES names this assembly.</summary>
internal sealed class IdentityStartup : IHostingStartup
{
    public void Configure(IWebHostBuilder builder) => builder.ConfigureServices(services => services
        .AddAuthenticationCore()
        .AddSingleton<IStartupFilter, IdentityFilter>());
}

/// <summary>Puts the middleware before everything that the app itself configures.</summary>
internal sealed class IdentityFilter : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.UseMiddleware<IdentityMiddleware>();
        next(app);
    };
}
