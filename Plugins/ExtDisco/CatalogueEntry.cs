using Parley.Plugin.Abstractions;

namespace Parley.Plugins.ExtDisco;

/// <summary>A service to list. Two are equal where clients would notice no difference.</summary>
/// <param name="Service">The service.</param>
/// <param name="Own">How its credentials are made where it is not the issuers' to make them; null where it is, or where it needs none.</param>
public sealed record CatalogueEntry(ExternalService Service, OwnCredentials? Own = null)
{
    /// <summary>What tells services apart.</summary>
    public (string Type, string Host, int Port, string Transport) Key => (Service.Type, Service.Host.ToUpperInvariant(), Service.Port, Service.Transport);
}

/// <summary>The credentials of a configured service.</summary>
/// <param name="Username">A fixed username; null with a secret.</param>
/// <param name="Password">Its password.</param>
/// <param name="Secret">The secret shared with the server; null with a fixed username.</param>
/// <param name="Lifetime">How long credentials last that are made of it.</param>
public sealed record OwnCredentials(string? Username, string? Password, string? Secret, TimeSpan Lifetime);
