using System.Net;
using Parley.Xmpp.Core.Addressing;

namespace Parley.Doctor;

/// <summary>The server under examination: what is known of it beforehand. From outside that is its domain alone.</summary>
/// <param name="Domain">The domain.</param>
public sealed record Patient(string Domain)
{
    /// <summary>What the configuration says; null from outside.</summary>
    public InsideFacts? Inside { get; init; }

    /// <summary>Domains that the same server serves beside it.</summary>
    public IReadOnlyList<string> FurtherDomains { get; init; } = [];

    /// <summary>Who logs in; null if nobody can.</summary>
    public Login? Login { get; init; }

    /// <summary>The examining machine's clock.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Whether nothing but this machine is served.</summary>
    public bool IsLoopbackOnly => Inside?.IsLoopbackOnly == true;

    /// <summary>Whether the domain is one that public resolvers can know.</summary>
    public bool IsPublicDomain => PublicReach.IsPublicDomain(Domain);
}

/// <summary>What the configuration says of a server on this machine.</summary>
/// <param name="Here">Where it is reached from this machine, whatever lies before it.</param>
/// <param name="Advertised">Where it tells others to come for media.</param>
/// <param name="IsLoopbackOnly">Whether it serves this machine alone.</param>
public sealed record InsideFacts(IPAddress Here, IPAddress Advertised, bool IsLoopbackOnly)
{
    /// <summary>The TCP listeners, by key.</summary>
    public IReadOnlyList<(string Key, int Port)> Listeners { get; init; } = [];

    /// <summary>The domain of its call rooms; null if there are none.</summary>
    public string? CallsDomain { get; init; }

    /// <summary>The UDP ports of media, as a firewall takes them.</summary>
    public string MediaPorts { get; init; } = "";

    /// <summary>The UDP ports of TURN's allocations, likewise.</summary>
    public string RelayPorts { get; init; } = "";

    /// <summary>The UDP port of TURN; null where it is off.</summary>
    public int? TurnPort { get; init; }

    /// <summary>The newest of the server's own files was written at this time; null if not known.</summary>
    public DateTimeOffset? NewestFile { get; init; }

    /// <summary>The port of a listener; 0 if it is off.</summary>
    public int PortOf(string key) => Listeners.FirstOrDefault(l => l.Key == key).Port;
}

/// <summary>Who logs in.</summary>
/// <param name="Domain">The domain of the stream: the account's, or the guests'.</param>
/// <param name="User">The account's name; null for a guest.</param>
/// <param name="Password">Its password.</param>
public sealed record Login(string Domain, string? User = null, string? Password = null)
{
    /// <summary>Whether it is a guest's (SASL ANONYMOUS).</summary>
    public bool IsGuest => User is null;
}
