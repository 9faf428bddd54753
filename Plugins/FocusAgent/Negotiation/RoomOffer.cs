using Parley.Media.Control;
using Parley.Plugins.FocusAgent.Legs.Mixed;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Jingle;

namespace Parley.Plugins.FocusAgent.Negotiation;

/// <summary>What the room offers when it calls: audio, and video if wanted, in the relay's numbers and in no other words than the client says that it knows.</summary>
/// <param name="Offer">The contents, which nobody has answered yet.</param>
/// <param name="TellsSources">Whether SSRCs are told (XEP-0339).</param>
public sealed record RoomOffer(CallOffer Offer, bool TellsSources)
{
    /// <summary>Makes an offer.</summary>
    /// <param name="capabilities">What the relay can do.</param>
    /// <param name="withVideo">Whether video is offered.</param>
    /// <param name="features">What the client lists in service discovery; empty if it did not say.</param>
    public static RoomOffer Make(RelayCapabilities capabilities, bool withVideo, IReadOnlySet<string> features)
    {
        // stanza lists the RFCs that XEP-0338 and XEP-0339 carry.
        var isBundled = withVideo && (features.Contains(Ns.JingleGrouping) || features.Contains("urn:ietf:rfc:5888"));
        var contents = new List<OfferedContent>();
        var transports = new List<MediaTransport>();
        foreach (var kind in withVideo ? new[] { MediaKind.Audio, MediaKind.Video } : [MediaKind.Audio])
        {
            var payloads = capabilities.Codecs.Where(c => c.Kind == kind).ToList();
            if (payloads.Count == 0) continue;
            if (!isBundled || transports.Count == 0) transports.Add(new MediaTransport($"t{transports.Count}", IceRole.Controlling, DtlsRole.Undecided, null));
            var known = kind == MediaKind.Audio ? capabilities.AudioExtensions : capabilities.VideoExtensions;
            var terms = new MediaTerms(kind, payloads, [.. known.Where(x => isBundled || x.Uri != MediaTerms.MidExtension)], ReducedSize: false);
            contents.Add(new OfferedContent(new JingleContent(JingleCreator.Initiator, MediaTerms.NameOf(kind)), kind == MediaKind.Audio ? TelephoneKeys.Offer(terms) : terms, terms, null, null, transports[^1]));
        }

        return new RoomOffer(new CallOffer(contents, transports, isBundled), features.Contains(Ns.JingleSsma) || features.Contains("urn:ietf:rfc:5576"));
    }

    /// <summary>Takes the client's session-accept: settles the transports and says what was agreed.</summary>
    /// <returns>Null with what is wrong with the answer in <paramref name="fault"/>; with no fault, nothing was agreed.</returns>
    public CallOffer? Take(JingleMessage accept, out string? fault)
    {
        fault = null;
        var agreed = new List<OfferedContent>();
        var isBundled = Offer.IsBundled && accept.Contents.All(c => accept.Bundle?.Contains(c.Name) == true);
        foreach (var offered in Offer.Contents)
        {
            if (accept.Contents.FirstOrDefault(c => c.Name == offered.Content.Name && c.Creator == offered.Content.Creator) is not { Description: { } description } answer) continue;
            if (description.Media != MediaTerms.NameOf(offered.Sends.Kind) || offered.Receives.Narrow(description) is not { } terms || !description.RtcpMux) continue;
            // An answer that takes the bundle apart has no transport of ours for what comes second.
            if (Offer.IsBundled && !isBundled && agreed.Count > 0) continue;
            if (offered.Transport.Spec.Remote is null)
            {
                if (!RemoteTransports.TryRead(answer.Transport, out var remote, out fault)) return null;
                if (answer.Transport!.Setup is "actpass" or "holdconn")
                {
                    fault = "an answer settles the DTLS role";
                    return null;
                }

                offered.Transport.Settle(remote, MediaTransport.RoleAgainst(answer.Transport.Setup));
            }

            // One codec, the first of ours that it took: were there several, it might switch to one that somebody else cannot decode.
            terms = terms with { Payloads = [terms.Payloads[0]] };
            var (ssrc, rtx) = ContentReader.SourcesOf(description, terms);
            agreed.Add(TelephoneKeys.TakeAll(new OfferedContent(offered.Content with { Senders = answer.Senders, Description = answer.Description }, terms, terms, ssrc, rtx, offered.Transport)));
        }

        return agreed.Count == 0 ? null : new CallOffer(agreed, [.. agreed.Select(c => c.Transport).Distinct()], isBundled);
    }
}
