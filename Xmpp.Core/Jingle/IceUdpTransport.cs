using Parley.Xmpp.Core.Xml;

namespace Parley.Xmpp.Core.Jingle;

/// <summary>A certificate's fingerprint (XEP-0320).</summary>
/// <param name="Hash">The hash, such as <c>sha-256</c>.</param>
/// <param name="Value">Hexadecimal pairs joined by colons, upper case.</param>
/// <param name="Setup"><c>actpass</c>, <c>active</c> or <c>passive</c>; null if absent.</param>
public sealed record JingleFingerprint(string Hash, string Value, string? Setup)
{
    internal Element ToElement() => new Element("fingerprint", Ns.JingleDtls).Attr("hash", Hash).Attr("setup", Setup).Text(Value);

    internal static JingleFingerprint Read(Element e)
    {
        var value = e.Value.Trim();
        if (value.Length is 0 or > JingleLimits.Text || value.Any(c => !char.IsAsciiHexDigit(c) && c != ':')) throw new JingleFaultException("fingerprint is no list of hexadecimal pairs");
        return new JingleFingerprint(Reading.Required(e, "hash").ToLowerInvariant(), value.ToUpperInvariant(), Reading.Optional(e, "setup"));
    }
}

/// <summary>An ICE-UDP transport (XEP-0176) with DTLS fingerprints (XEP-0320).</summary>
public sealed record IceUdpTransport
{
    /// <summary>The user fragment; null in an empty transport.</summary>
    public string? Ufrag { get; init; }

    /// <summary>The password; null in an empty transport.</summary>
    public string? Password { get; init; }

    /// <summary>The candidates.</summary>
    public IReadOnlyList<JingleCandidate> Candidates { get; init; } = [];

    /// <summary>The pair in use; null if not told.</summary>
    public JingleRemoteCandidate? RemoteCandidate { get; init; }

    /// <summary>The fingerprints: any one may match.</summary>
    public IReadOnlyList<JingleFingerprint> Fingerprints { get; init; } = [];

    /// <summary>The DTLS role that the sender states; null if none.</summary>
    public string? Setup => Fingerprints.Select(f => f.Setup).FirstOrDefault(s => s is not null);

    /// <summary>The <c>transport</c> element.</summary>
    public Element ToElement() => new Element("transport", Ns.JingleIceUdp).Attr("ufrag", Ufrag).Attr("pwd", Password)
        .Add(Fingerprints.Select(f => f.ToElement())).Add(Candidates.Select(c => c.ToElement())).Add(RemoteCandidate?.ToElement());

    internal static IceUdpTransport Read(Element e) => new()
    {
        Ufrag = Reading.Optional(e, "ufrag"),
        Password = Reading.Optional(e, "pwd"),
        Candidates = Reading.List(e.ChildrenNamed("candidate", Ns.JingleIceUdp), JingleLimits.Candidates, JingleCandidate.Read),
        RemoteCandidate = e.Child("remote-candidate") is { } remote ? JingleRemoteCandidate.Read(remote) : null,
        Fingerprints = Reading.List(e.ChildrenNamed("fingerprint", Ns.JingleDtls), JingleLimits.Fingerprints, JingleFingerprint.Read),
    };
}
