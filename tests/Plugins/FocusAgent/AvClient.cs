using Parley.Media.Control;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Jingle;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.tests.Plugins.FocusAgent;

/// <summary>A client by the text of XEP-0521 and nothing else: numbers unlike a browser's, no transport-cc, no RTX, with or without BUNDLE.</summary>
internal sealed class AvClient(CallLab lab, string jid, bool isBundling)
{
    public const string Fingerprint = "01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF";

    public Client Wire { get; } = new(lab, jid);

    public IReadOnlyList<string> Features { get; init; } = [Ns.Jingle, Ns.AvConferences];

    public IReadOnlyList<string> Kinds { get; init; } = ["video", "audio"];

    public IReadOnlyList<JingleMessage> Streams => Wire.Of(JingleAction.SessionInitiate);

    public EndpointSpec Endpoint => lab.Relay.Endpoints.Single(e => e.Tracks.Any(t => t.Ssrc is 11 or 12));

    public JingleMessage Offer() => new(JingleAction.SessionInitiate, Wire.Sid)
    {
        Initiator = Wire.Jid,
        Contents = [.. Kinds.Select((kind, i) => new JingleContent(JingleCreator.Initiator, $"{kind}{i}")
        {
            Senders = JingleSenders.Initiator,
            Description = Description(kind),
            Transport = Transport(isBundling ? "bundle" : kind, "actpass"),
        })],
        Groups = isBundling ? [new JingleGroup("BUNDLE", [.. Kinds.Select((kind, i) => $"{kind}{i}")])] : [],
    };

    /// <summary>Lets requests of service discovery to this client be answered as it would.</summary>
    public void Listen()
    {
        var others = lab.Answer;
        lab.Answer = iq => iq.To == Wire.Jid && iq.Payload!.Is("query", Ns.DiscoInfo)
            ? Task.FromResult(iq.Result(new Element("query", Ns.DiscoInfo).Add(Features.Select(f => new Element("feature", Ns.DiscoInfo).Attr("var", f)))))
            : others(iq);
    }

    public async Task<AvClient> JoinAsync()
    {
        Listen();
        Assert.Equal("result", (await Wire.AskAsync(Offer())).Type);
        Assert.Single(Wire.Of(JingleAction.SessionAccept));
        foreach (var transport in Endpoint.Transports.ToList()) await lab.TellAsync(new TransportConnected(lab.Relay.Epoch, lab.Relay.ConferenceOf(Endpoint.Id), Endpoint.Id, transport.Id));
        return this;
    }

    public async Task<Iq> AcceptAsync(JingleMessage stream, bool? bundle = null) => await Wire.AskAsync(Answer(stream, bundle));

    public JingleMessage Answer(JingleMessage stream, bool? bundle = null) => new(JingleAction.SessionAccept, stream.Sid)
    {
        Responder = Wire.Jid,
        Contents = [.. stream.Contents.Select(c => c with
        {
            Description = c.Description! with { Sources = [], SourceGroups = [] },
            Transport = Transport(stream.Sid[..8] + (stream.Bundle is null ? c.Name : ""), "active"),
        })],
        Groups = (bundle ?? stream.Bundle is not null) ? stream.Groups : [],
    };

    public static RtpDescription Description(string kind) => kind == "audio"
        ? new RtpDescription("audio")
        {
            Payloads = [new RtpPayload(99, "OPUS", 48000, 2, [], []), new RtpPayload(0, "PCMU", 8000, 1, [], [])],
            Extensions = [new RtpExtension(7, FakeRelay.Mid)],
            RtcpMux = true,
            Sources = [new RtpSource(11, [KeyValuePair.Create("cname", "c")])],
        }
        : new RtpDescription("video")
        {
            Payloads = [new RtpPayload(120, "vp8", 90000, 1, [], [new RtcpFeedback("nack"), new RtcpFeedback("nack", "pli"), new RtcpFeedback("goog-remb")])],
            Extensions = [new RtpExtension(7, FakeRelay.Mid)],
            RtcpMux = true,
            Sources = [new RtpSource(12, [KeyValuePair.Create("cname", "c")])],
        };

    private static IceUdpTransport Transport(string ufrag, string setup) => new()
    {
        Ufrag = ufrag + "1234",
        Password = "password-of-the-client-" + ufrag,
        Fingerprints = [new JingleFingerprint("sha-256", Fingerprint, setup)],
    };
}
