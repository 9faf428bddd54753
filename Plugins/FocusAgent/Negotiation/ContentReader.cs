using Parley.Media.Control;
using Parley.Xmpp.Core.Jingle;

namespace Parley.Plugins.FocusAgent.Negotiation;

/// <summary>Reads the contents of one offer or content-add, one after another, and gives each the transport that it is to have.</summary>
/// <param name="capabilities">What the relay can do.</param>
/// <param name="bundle">The names that the client bundles (XEP-0338).</param>
/// <param name="shared">The transport of what is bundled already; null if nothing is.</param>
/// <param name="next">The number of the next transport: its ids are <c>t0</c>, <c>t1</c> …</param>
/// <param name="client">The client's role in the session.</param>
/// <param name="raw">The settings for transports without ICE; null where the client may have none.</param>
public sealed class ContentReader(RelayCapabilities capabilities, IReadOnlyList<string> bundle, MediaTransport? shared = null, int next = 0, JingleSenders client = JingleSenders.Initiator, RawUdpOptions? raw = null)
{
    private readonly JingleSenders _room = client == JingleSenders.Initiator ? JingleSenders.Responder : JingleSenders.Initiator;
    private MediaTransport? _shared = shared;

    /// <summary>The transports that were made.</summary>
    public List<MediaTransport> Made { get; } = [];

    /// <summary>The number of the next transport.</summary>
    public int Next => next + Made.Count;

    /// <summary>Reads a content.</summary>
    /// <returns>Null with what is wrong: <paramref name="fault"/> for what breaks a rule, else <paramref name="refusal"/> for what we cannot do.</returns>
    public OfferedContent? Read(JingleContent content, out string? fault, out JingleCondition refusal)
    {
        (fault, refusal) = (null, JingleCondition.UnsupportedApplications);
        if (content.Description is not { } description || MediaTerms.KindOf(description.Media) is not { } kind) return null;
        if (content.ForeignTransport is not null && (content.RawTransport is null || raw is null))
        {
            refusal = JingleCondition.UnsupportedTransports;
            return null;
        }

        // Its media would go in the clear. Nothing is wrong with its words, so that it is refused by a reason (XEP-0166 section 7.4), which old clients act on, and not by an error, which they pass over.
        if (content.Transport is { Ufrag: not null, Fingerprints.Count: 0 } && !(bundle.Contains(content.Name) && _shared is not null))
        {
            refusal = JingleCondition.SecurityError;
            return null;
        }

        var able = content.RawTransport is null ? capabilities : RawTransports.Plain(capabilities);
        var sends = MediaTerms.Answer(description, kind, able, client);
        var receives = MediaTerms.Answer(description, kind, able, _room);
        if (sends is null || receives is null || (content.RawTransport is null && !description.RtcpMux))
        {
            refusal = JingleCondition.IncompatibleParameters;
            return null;
        }

        if (TransportOf(content, out fault) is not { } transport)
        {
            if (fault is null) refusal = JingleCondition.FailedTransport; // its address is none that may be sent to
            return null;
        }

        // Without ICE the packets alone tell who sends, whatever was announced: a gateway's sources change.
        var (ssrc, rtx) = transport.Spec.Raw is null ? SourcesOf(description, sends) : (null, null);
        return new OfferedContent(content, sends, receives, ssrc, rtx, transport);
    }

    private MediaTransport? TransportOf(JingleContent content, out string? fault)
    {
        fault = null;
        if (content.RawTransport is { } signalled && raw is not null)
        {
            if (RawTransports.Read(signalled, content.Description!.RtcpMux, raw, out fault) is not { } plain) return null;
            Made.Add(new MediaTransport($"t{Next}", plain));
            return Made[^1];
        }

        var isBundled = bundle.Contains(content.Name);
        if (isBundled && _shared is not null) return _shared;
        if (!RemoteTransports.TryRead(content.Transport, out var remote, out fault)) return null;
        var transport = new MediaTransport($"t{Next}", IceRole.Controlled, MediaTransport.RoleAgainst(content.Transport?.Setup), remote) { IsRoleOpen = content.Transport?.Setup == "actpass" };
        Made.Add(transport);
        if (isBundled) _shared = transport;
        return transport;
    }

    // The first pair of an FID group (RFC 5576 section 4.2) is the stream and its retransmissions.
    internal static (uint? Ssrc, uint? Rtx) SourcesOf(RtpDescription description, MediaTerms terms)
    {
        var pair = description.SourceGroups.FirstOrDefault(g => g.Semantics == "FID" && g.Ssrcs.Count == 2)?.Ssrcs;
        if (pair is null) return (description.Sources.Select(s => (uint?)s.Ssrc).FirstOrDefault(), null);
        return (pair[0], terms.HasRtx ? pair[1] : null);
    }
}
