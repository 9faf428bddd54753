using System.Net;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Sasl;
using Parley.Xmpp.Core.Xml;

namespace Parley.Xmpp.Server.Streams.Negotiation;

/// <summary>What negotiation asks about the server around it.</summary>
internal interface IStreamOffers
{
    /// <summary>What plugins declare of a domain's rosters: that they take approvals ahead of requests (RFC 6121 section 3.4), that they have versions (section 2.6).</summary>
    IEnumerable<Element> RosterFeaturesOf(string domain);

    /// <summary>The hashes that SCRAM is offered by at a domain, strongest first.</summary>
    IReadOnlyList<ScramHash> HashesOf(string domain);

    /// <summary>Whether a token may stand for the password (XEP-0484).</summary>
    bool OffersTokens { get; }

    /// <summary>Whether somebody at an address may try an account's password now; counts as an attempt.</summary>
    bool MayLogIn(Jid account, IPAddress? address) => true;

    /// <summary>Somebody at an address has logged in.</summary>
    void LoggedIn(Jid account, IPAddress? address)
    {
    }

    /// <summary>What can be turned on together with a resource at a domain (XEP-0386 section 3), beside what belongs to the stream itself.</summary>
    IEnumerable<string> BindFeaturesOf(string domain);

    /// <summary>What a domain says of its capabilities (XEP-0115 section 6.3, XEP-0390 section 5).</summary>
    IEnumerable<Element> CapabilitiesOf(string domain);

    /// <summary>Whether anything is answered before authentication.</summary>
    bool ServesStrangers => false;

    /// <summary>What is offered to somebody who has not logged in.</summary>
    IEnumerable<Element> OffersFor(Stranger stranger) => [];
}
