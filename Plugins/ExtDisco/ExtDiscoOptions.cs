namespace Parley.Plugins.ExtDisco;

/// <summary>The section <c>Plugins:ExtDisco</c>.</summary>
public sealed class ExtDiscoOptions
{
    /// <summary>Whether accounts of this server may ask.</summary>
    public bool Accounts { get; set; } = true;

    /// <summary>Whether guests may ask.</summary>
    public bool Guests { get; set; } = true;

    /// <summary>Whether components of this server may ask: bridges relay media too.</summary>
    public bool Components { get; set; } = true;

    /// <summary>Domains that may ask whatever the above says: of components, or of other servers.</summary>
    public IList<string> Domains { get; init; } = [];

    /// <summary>How long credentials last that are made with the secret of one of <see cref="Services"/>.</summary>
    public TimeSpan Lifetime { get; set; } = TimeSpan.FromHours(12);

    /// <summary>Servers beside this one that are listed too.</summary>
    public IList<ServiceOptions> Services { get; init; } = [];

    /// <summary>Finds faults.</summary>
    public static IEnumerable<string> Validate(ExtDiscoOptions options)
    {
        for (var i = 0; i < options.Domains.Count; i++)
        {
            if (!Xmpp.Core.Addressing.Jid.TryParse(options.Domains[i], out var jid) || jid.Local is not null || jid.Resource is not null) yield return $"Domains:{i}: must be a domain, such as bridge.example.org";
        }

        if (options.Lifetime < TimeSpan.FromMinutes(1) || options.Lifetime > TimeSpan.FromDays(30)) yield return "Lifetime: must be between 00:01:00 and 30.00:00:00";
        if (options.Services.Count > 50) yield return "Services: must be at most 50";
        for (var i = 0; i < options.Services.Count; i++)
        {
            foreach (var fault in ServiceOptions.Validate(options.Services[i])) yield return $"Services:{i}:{fault}";
        }

        var twice = options.Services.GroupBy(s => (s.Type, s.Host.ToUpperInvariant(), s.EffectivePort, s.EffectiveTransport)).FirstOrDefault(g => g.Count() > 1);
        if (twice is not null) yield return $"Services:{options.Services.IndexOf(twice.Last())}: is the same service as Services:{options.Services.IndexOf(twice.First())}";
    }
}
