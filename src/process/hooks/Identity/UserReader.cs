using System;
using System.Collections.Generic;
using System.Security.Claims;
using System.Text.Json;
using Microsoft.AspNetCore.Server.IISIntegration;

namespace Ancmd.Identity;

/// <summary>Reads the header in which the server in front names the user.</summary>
internal static class UserReader
{
    /// <summary>Returns null for anything but Base64 of the JSON object that is expected.</summary>
    public static ClaimsPrincipal? Read(string base64)
    {
        try
        {
            using var json = JsonDocument.Parse(Convert.FromBase64String(base64));
            var root = json.RootElement;
            var name = root.GetProperty("name").GetString();
            var type = root.GetProperty("authenticationType").GetString();
            if (string.IsNullOrEmpty(name) || string.IsNullOrEmpty(type)) return null;
            var claims = new List<Claim>
            {
                new(ClaimTypes.Name, name),
                new(ClaimTypes.AuthenticationMethod, type),
            };
            foreach (var group in root.GetProperty("groups").EnumerateArray())
            {
                claims.Add(new Claim(ClaimTypes.Role, group.GetString() ?? throw new FormatException()));
            }
            // The IIS integration, too, has the name of the scheme as the authentication type of its WindowsIdentity.
            return new User(new ClaimsIdentity(claims, IISDefaults.AuthenticationScheme));
        }
        catch (Exception error) when (error is FormatException or JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>As a WindowsPrincipal does, it compares names of groups without regard to case.</summary>
    private sealed class User(ClaimsIdentity identity) : ClaimsPrincipal(identity)
    {
        public override bool IsInRole(string role) => base.IsInRole(role) || HasClaim(claim =>
            claim.Type == ClaimTypes.Role && string.Equals(claim.Value, role, StringComparison.OrdinalIgnoreCase));
    }
}
