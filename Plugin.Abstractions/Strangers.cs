using System.Net;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugin.Abstractions;

/// <summary>Somebody who has opened a stream to a served domain and has not logged in. One object for a stream, so that what came before can be kept by it.</summary>
/// <param name="domain">The domain.</param>
/// <param name="address">The network address.</param>
/// <param name="isPrivate">Whether nobody listens in: by TLS, or on this machine.</param>
public sealed class Stranger(string domain, IPAddress? address, bool isPrivate)
{
    /// <summary>The served domain that the stream is to.</summary>
    public string Domain { get; } = domain;

    /// <summary>The network address.</summary>
    public IPAddress? Address { get; } = address;

    /// <summary>Whether nobody listens in: by TLS, or on this machine.</summary>
    public bool IsPrivate { get; } = isPrivate;
}

/// <summary>Answers what clients ask before they log in, such as for an account (XEP-0077 section 3.1); contributed by plugins.</summary>
public interface IStrangerService
{
    /// <summary>The stream features to offer. Does not block.</summary>
    IEnumerable<Element> FeaturesFor(Stranger stranger);

    /// <summary>Answers a request; null if it is none of this service's. What nobody answers ends the stream with <c>not-authorized</c>.</summary>
    ValueTask<Iq?> AnswerAsync(Iq iq, Stranger stranger, CancellationToken ct);
}
