using System.Globalization;
using System.Text.Json;

namespace Parley.tests.Browser;

/// <summary>Gives a page's microphone a tone, and finds tones in what the page receives.</summary>
internal static class Sound
{
    private const string Instead = """
        (() => {
          const media = navigator.mediaDevices, native = media.getUserMedia.bind(media);
          media.getUserMedia = async (wanted) => {
            const stream = await native(wanted);
            if (!wanted.audio) return stream;
            const context = new AudioContext({ sampleRate: 48000 });
            const to = context.createMediaStreamDestination();
            const tone = new OscillatorNode(context, { frequency: HERTZ });
            tone.connect(new GainNode(context, { gain: 0.3 })).connect(to);
            tone.start();
            for (const track of stream.getAudioTracks()) { stream.removeTrack(track); track.stop(); }
            stream.addTrack(to.stream.getAudioTracks()[0]);
            return stream;
          };
          const Native = window.RTCPeerConnection;
          window.soundPeers = [];
          window.RTCPeerConnection = class extends Native { constructor(...args) { super(...args); window.soundPeers.push(this); } };
        })();
        """;

    // All tracks together, for a second; each tone's level in decibels of full scale.
    private const string Levels = """
        (async () => {
          const context = new AudioContext({ sampleRate: 48000 });
          const analyser = new AnalyserNode(context, { fftSize: 16384, smoothingTimeConstant: 0 });
          for (const track of soundPeers.filter((p) => p.connectionState !== 'closed').flatMap((p) => p.getReceivers()).map((r) => r.track).filter((t) => t?.kind === 'audio' && t.readyState === 'live')) {
            const stream = new MediaStream([track]);
            // Chromium gives Web Audio nothing of a track that no element plays.
            const element = new Audio();
            element.srcObject = stream;
            element.muted = true;
            element.play().catch(() => {});
            context.createMediaStreamSource(stream).connect(analyser);
          }
          await new Promise((resolve) => setTimeout(resolve, 1500));
          const bins = new Float32Array(analyser.frequencyBinCount);
          analyser.getFloatFrequencyData(bins);
          await context.close();
          const at = (hertz) => { const bin = Math.round(hertz / 48000 * 16384); return Math.max(-200, ...bins.slice(bin - 3, bin + 4)); };
          return [TONES].map(at);
        })()
        """;

    /// <summary>The script that makes a microphone sound.</summary>
    public static string Tone(int hertz) => Instead.Replace("HERTZ", hertz.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);

    /// <summary>The script that makes a page offer one audio codec and no other, and its telephone's keys.</summary>
    /// <param name="mimeType">Such as <c>audio/PCMU</c>.</param>
    public static string Only(string mimeType) => $$"""
        (() => {
          const native = RTCPeerConnection.prototype.createOffer;
          RTCPeerConnection.prototype.createOffer = function (...args) {
            const codecs = RTCRtpReceiver.getCapabilities('audio').codecs.filter((c) => c.mimeType === '{{mimeType}}' || (c.mimeType === 'audio/telephone-event' && c.clockRate === 8000));
            for (const one of this.getTransceivers().filter((t) => t.receiver.track.kind === 'audio')) one.setCodecPreferences(codecs);
            return native.apply(this, args);
          };
        })();
        """;

    /// <summary>The codecs of the audio that a page sends, and of that which it receives, as MIME types.</summary>
    public static async Task<string[]> CodecsAsync(IPageScript page) => (await page.EvaluateAsync("""
        (async () => {
          const found = new Set();
          for (const peer of soundPeers) {
            const stats = [...(await peer.getStats()).values()];
            for (const one of stats) if (['inbound-rtp', 'outbound-rtp'].includes(one.type) && one.kind === 'audio') found.add(stats.find((s) => s.id === one.codecId)?.mimeType);
          }
          return [...found].filter((m) => m);
        })()
        """)).Deserialize<string[]>()!;

    /// <summary>Presses keys of a page's telephone.</summary>
    public static Task PressAsync(IPageScript page, string keys) =>
        page.EvaluateAsync($"soundPeers.flatMap((p) => p.getSenders()).find((s) => s.dtmf?.canInsertDTMF).dtmf.insertDTMF('{keys}', 100, 70)");

    /// <summary>How loud tones are in what a page receives, in decibels of full scale.</summary>
    public static async Task<double[]> LevelsAsync(IPageScript page, params int[] hertz) =>
        (await page.EvaluateAsync(Levels.Replace("TONES", string.Join(", ", hertz), StringComparison.Ordinal))).Deserialize<double[]>()!;

    /// <summary>Waits until a page hears the tones that it should and not the others.</summary>
    /// <param name="page">The page.</param>
    /// <param name="who">Whose it is, for a failing test.</param>
    /// <param name="heard">What must be there.</param>
    /// <param name="unheard">What must not.</param>
    public static Task HearsAsync(IPageScript page, string who, int[] heard, int[] unheard) => HearsAsync(hertz => LevelsAsync(page, hertz), who, heard, unheard);

    /// <summary>The same for somebody without a page.</summary>
    /// <param name="listen">Listens for tones and tells the level of each, in decibels of full scale.</param>
    /// <param name="who">Who it is, for a failing test.</param>
    /// <param name="heard">What must be there.</param>
    /// <param name="unheard">What must not.</param>
    public static async Task HearsAsync(Func<int[], Task<double[]>> listen, string who, int[] heard, int[] unheard)
    {
        // A busy machine's gaps are heard as noise everywhere, some 45 dB below the tones.
        const double There = -45, Absent = -62;
        double[] levels = [];
        for (var attempt = 0; attempt < 8; attempt++)
        {
            levels = await listen([.. heard, .. unheard]);
            if (levels.Take(heard.Length).All(l => l > There) && levels.Skip(heard.Length).All(l => l < Absent)) return;
        }

        Assert.Fail($"{who} hears {string.Join(", ", heard.Concat(unheard).Zip(levels, (h, l) => $"{h} Hz at {l:0} dB"))}; expected {string.Join(", ", heard)} and not {string.Join(", ", unheard)}");
    }
}
