using Parley.Media.Control;
using Parley.Plugins.FocusAgent.Legs.Mixed;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Jingle;

namespace Parley.Plugins.FocusAgent.Negotiation;

/// <summary>
/// What the room offers when it calls: audio, and video if wanted, in the relay's numbers. BUNDLE is always offered (XEP-0338): who does not know the element passes over it (RFC 6120 section 8.4), and the Conversations family
/// bundles without listing that it can. Each content has a transport of its own, as RFC 8843 section 7.2 has it for those of whom it is not known, unless the client says that it knows groups.
/// </summary>
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
        var knowsGroups = features.Contains(Ns.JingleGrouping) || features.Contains("urn:ietf:rfc:5888");
        var contents = new List<OfferedContent>();
        var transports = new List<MediaTransport>();
        foreach (var kind in withVideo ? new[] { MediaKind.Audio, MediaKind.Video } : [MediaKind.Audio])
        {
            var payloads = capabilities.Codecs.Where(c => c.Kind == kind).ToList();
            if (payloads.Count == 0) continue;
            if (!knowsGroups || transports.Count == 0) transports.Add(new MediaTransport($"t{transports.Count}", IceRole.Controlling, DtlsRole.Undecided, null));
            var known = kind == MediaKind.Audio ? capabilities.AudioExtensions : capabilities.VideoExtensions;
            var terms = new MediaTerms(kind, payloads, [.. known], ReducedSize: false);
            contents.Add(new OfferedContent(new JingleContent(JingleCreator.Initiator, MediaTerms.NameOf(kind)), kind == MediaKind.Audio ? TelephoneKeys.Offer(terms) : terms, terms, null, null, transports[^1]));
        }

        return new RoomOffer(new CallOffer(contents, transports, IsBundled: true), features.Contains(Ns.JingleSsma) || features.Contains("urn:ietf:rfc:5576"));
    }

    /// <summary>Takes the client's session-accept: settles the transports and says what was agreed.</summary>
    /// <returns>Null with what is wrong with the answer in <paramref name="fault"/>; with no fault, nothing was agreed.</returns>
    public CallOffer? Take(JingleMessage accept, out string? fault)
    {
        fault = null;
        var agreed = new List<OfferedContent>();
        // Of what is bundled, the transport of the first that the answer names is the one that stays (RFC 8843 section 7.3.1).
        var tagged = accept.Bundle is { Count: > 0 } bundle && accept.Contents.All(c => bundle.Contains(c.Name)) ? Offered(bundle[0]) : null;
        var isBundled = tagged is not null && accept.Contents.Any(c => c.Name == tagged.Content.Name);
        foreach (var offered in Offer.Contents)
        {
            if (accept.Contents.FirstOrDefault(c => c.Name == offered.Content.Name && c.Creator == offered.Content.Creator) is not { Description: { } description } answer) continue;
            if (description.Media != MediaTerms.NameOf(offered.Sends.Kind) || offered.Receives.Narrow(description) is not { } terms || !description.RtcpMux) continue;
            var transport = isBundled ? tagged!.Transport : offered.Transport;
            // An answer that takes the bundle apart may have no transport of ours for what comes second.
            if (!isBundled && agreed.Exists(c => c.Transport == transport)) continue;
            if (transport.Spec.Remote is null)
            {
                var theirs = (isBundled ? accept.Contents.First(c => c.Name == tagged!.Content.Name) : answer).Transport;
                if (!RemoteTransports.TryRead(theirs, out var remote, out fault)) return null;
                if (theirs!.Setup is "actpass" or "holdconn")
                {
                    fault = "an answer settles the DTLS role";
                    return null;
                }

                transport.Settle(remote, MediaTransport.RoleAgainst(theirs.Setup));
            }

            // One codec, the first of ours that it took: were there several, it might switch to one that somebody else cannot decode.
            terms = terms with { Payloads = [terms.Payloads[0]] };
            var (ssrc, rtx) = ContentReader.SourcesOf(description, terms);
            agreed.Add(TelephoneKeys.TakeAll(new OfferedContent(offered.Content with { Senders = answer.Senders, Description = answer.Description }, terms, terms, ssrc, rtx, transport)));
        }

        return agreed.Count == 0 ? null : new CallOffer(agreed, [.. agreed.Select(c => c.Transport).Distinct()], isBundled);
    }

    private OfferedContent? Offered(string name) => Offer.Contents.FirstOrDefault(c => c.Content.Name == name);
}
