using System.Text.Json;

namespace Parley.tests.Browser;

/// <summary>Makes a page offer other than Chromium does, as other clients do: scripts to run before the page's own.</summary>
internal static class Offers
{
    /// <summary>One codec of its kind and no other; with audio the telephone's keys too.</summary>
    /// <param name="mimeType">Such as <c>audio/PCMU</c>.</param>
    public static string Only(string mimeType) => $$"""
        (() => {
          const native = RTCPeerConnection.prototype.createOffer, kind = '{{mimeType.Split('/')[0]}}';
          RTCPeerConnection.prototype.createOffer = function (...args) {
            const codecs = RTCRtpReceiver.getCapabilities(kind).codecs.filter((c) => c.mimeType === '{{mimeType}}' || (c.mimeType === 'audio/telephone-event' && c.clockRate === 8000));
            for (const one of this.getTransceivers().filter((t) => t.receiver.track.kind === kind)) one.setCodecPreferences(codecs);
            return native.apply(this, args);
          };
        })();
        """;

    /// <summary>Two channels of Opus both ways (RFC 7587 section 6.1).</summary>
    public static string InStereo => Rewritten("sdp.replace(/useinbandfec=1/g, 'useinbandfec=1;stereo=1;sprop-stereo=1')");

    /// <summary>Without a header extension.</summary>
    /// <param name="uri">Which (RFC 8285).</param>
    public static string Without(string uri) => Rewritten($"sdp.split('\\r\\n').filter((line) => !(line.startsWith('a=extmap:') && line.endsWith(' {uri}'))).join('\\r\\n')");

    /// <summary>The codecs in which a page receives, and those in which it sends, as MIME types.</summary>
    /// <param name="page">The page, which has a microphone of <see cref="Sound"/>.</param>
    /// <param name="kind"><c>audio</c> or <c>video</c>.</param>
    public static async Task<(string[] Received, string[] Sent)> CodecsAsync(IPageScript page, string kind)
    {
        var codecs = (await page.EvaluateAsync($$"""
            (async () => {
              const found = { 'inbound-rtp': new Set(), 'outbound-rtp': new Set() };
              for (const peer of soundPeers) {
                const stats = [...(await peer.getStats()).values()];
                for (const one of stats) if (one.kind === '{{kind}}') found[one.type]?.add(stats.find((s) => s.id === one.codecId)?.mimeType);
              }
              return Object.values(found).map((codecs) => [...codecs].filter((m) => m));
            })()
            """)).Deserialize<string[][]>()!;
        return (codecs[0], codecs[1]);
    }

    private static string Rewritten(string sdp) => $$"""
        (() => {
          const native = RTCPeerConnection.prototype.createOffer;
          RTCPeerConnection.prototype.createOffer = async function (...args) {
            const { type, sdp } = await native.apply(this, args);
            return { type, sdp: {{sdp}} };
          };
        })();
        """;
}
