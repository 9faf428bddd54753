using Parley.Media.Control;
using Parley.Xmpp.Core.Jingle;

namespace Parley.Plugins.FocusAgent.Negotiation;

/// <summary>A content of a caller's offer that we take.</summary>
/// <param name="Content">As it was offered.</param>
/// <param name="Sends">The terms for what the caller sends.</param>
/// <param name="Receives">The terms, in the caller's numbers, for media that we may send it.</param>
/// <param name="Ssrc">Its SSRC; null if not told.</param>
/// <param name="RtxSsrc">The SSRC of its retransmissions; null if not told.</param>
/// <param name="Transport">The transport that it arrives on.</param>
public sealed record OfferedContent(JingleContent Content, MediaTerms Sends, MediaTerms Receives, uint? Ssrc, uint? RtxSsrc, MediaTransport Transport);

/// <summary>What a session-initiate of somebody who sends and does not receive amounts to.</summary>
/// <param name="Contents">What we take: at most one of each kind.</param>
/// <param name="Transports">Their transports: one under BUNDLE, else one a content.</param>
/// <param name="IsBundled">Whether the caller bundles.</param>
public sealed record CallOffer(IReadOnlyList<OfferedContent> Contents, IReadOnlyList<MediaTransport> Transports, bool IsBundled)
{
    /// <summary>Reads an offer.</summary>
    /// <param name="message">The session-initiate.</param>
    /// <param name="capabilities">What the relay can do.</param>
    /// <param name="fault">What breaks a rule.</param>
    /// <param name="refusal">What we cannot do.</param>
    /// <param name="raw">The settings for transports without ICE; null where the caller may have none.</param>
    /// <returns>Null with what is wrong: <paramref name="fault"/> for what breaks a rule, else <paramref name="refusal"/> for what we cannot do.</returns>
    public static CallOffer? Read(JingleMessage message, RelayCapabilities capabilities, out string? fault, out JingleCondition refusal, RawUdpOptions? raw = null)
    {
        (fault, refusal) = (null, JingleCondition.UnsupportedApplications);
        var contents = new List<OfferedContent>();
        var bundle = message.Bundle ?? [];
        var reader = new ContentReader(capabilities, bundle, raw: raw);
        foreach (var content in message.Contents)
        {
            if (contents.Any(c => c.Sends.Kind == MediaTerms.KindOf(content.Description?.Media))) continue; // one of each kind: a second is refused by not being answered
            if (reader.Read(content, out fault, out var why) is { } taken) contents.Add(taken);
            else if (fault is not null) return null;
            else if (why != JingleCondition.UnsupportedApplications) refusal = why;
        }

        return contents.Count > 0 ? new CallOffer(contents, reader.Made, bundle.Count > 0 && reader.Made.TrueForAll(t => t.Spec.Raw is null)) : null;
    }
}
