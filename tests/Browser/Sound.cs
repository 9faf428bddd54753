using System.Diagnostics;
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
            const tone = (hertz) => {
              const source = new OscillatorNode(context, { frequency: hertz });
              source.start();
              return source.connect(new GainNode(context, { gain: 0.3 }));
            };
            SOUND
            for (const track of stream.getAudioTracks()) { stream.removeTrack(track); track.stop(); }
            stream.addTrack(to.stream.getAudioTracks()[0]);
            return stream;
          };
          const Native = window.RTCPeerConnection;
          window.soundPeers = [];
          window.RTCPeerConnection = class extends Native { constructor(...args) { super(...args); window.soundPeers.push(this); } };
        })();
        """;

    // Syllables, as a steady tone is no speech: it is taken for the noise of the place.
    private const string Talk = """
        // A page may take its microphone more than once.
        window.mouths ??= [];
        const mouth = new GainNode(context, { gain: mouths[0]?.gain.value ?? 0 });
        mouths.push(mouth);
        const lips = new OscillatorNode(context, { type: 'square', frequency: 4 });
        const voice = new GainNode(context, { gain: 0.5 });
        lips.connect(new GainNode(context, { gain: 0.5 })).connect(voice.gain);
        lips.start();
        tone(HERTZ).connect(voice).connect(mouth).connect(to);
        window.speak = (isSpeaking) => { for (const one of mouths) one.gain.value = isSpeaking ? 1 : 0; };
        """;

    private const string Pair = """
        const pair = new ChannelMergerNode(context, { numberOfInputs: 2 });
        tone(LEFT).connect(pair, 0, 0);
        tone(RIGHT).connect(pair, 0, 1);
        pair.connect(to);
        """;

    // All tracks together, for a second; each tone's level in decibels of full scale, first those of the left channel, then those of the right.
    private const string Levels = """
        (async () => {
          const context = new AudioContext({ sampleRate: 48000 });
          const ears = new ChannelSplitterNode(context, { numberOfOutputs: 2 });
          const all = new GainNode(context, { channelCount: 2, channelCountMode: 'explicit' });
          all.connect(ears);
          const analysers = [0, 1].map((ear) => {
            const analyser = new AnalyserNode(context, { fftSize: 16384, smoothingTimeConstant: 0 });
            ears.connect(analyser, ear);
            return analyser;
          });
          for (const track of soundPeers.filter((p) => p.connectionState !== 'closed').flatMap((p) => p.getReceivers()).map((r) => r.track).filter((t) => t?.kind === 'audio' && t.readyState === 'live')) {
            const stream = new MediaStream([track]);
            // Chromium gives Web Audio nothing of a track that no element plays.
            const element = new Audio();
            element.srcObject = stream;
            element.muted = true;
            element.play().catch(() => {});
            context.createMediaStreamSource(stream).connect(all);
          }
          await new Promise((resolve) => setTimeout(resolve, 1500));
          const heard = analysers.map((analyser) => {
            const bins = new Float32Array(analyser.frequencyBinCount);
            analyser.getFloatFrequencyData(bins);
            return bins;
          });
          await context.close();
          const at = (bins, hertz) => { const bin = Math.round(hertz / 48000 * 16384); return Math.max(-200, ...bins.slice(bin - 3, bin + 4)); };
          return heard.flatMap((bins) => [TONES].map((hertz) => at(bins, hertz)));
        })()
        """;

    /// <summary>The script that makes a microphone sound.</summary>
    public static string Tone(int hertz) => Making($"tone({Number(hertz)}).connect(to);");

    /// <summary>One that sounds in two channels.</summary>
    public static string Stereo(int left, int right) => Making(Pair.Replace("LEFT", Number(left), StringComparison.Ordinal).Replace("RIGHT", Number(right), StringComparison.Ordinal));

    /// <summary>One that is silent until somebody speaks into it (<see cref="SpeakAsync"/>), in syllables of a tone.</summary>
    public static string Voice(int hertz) => Making(Talk.Replace("HERTZ", Number(hertz), StringComparison.Ordinal));

    /// <summary>Begins or ends to speak into a microphone made by <see cref="Voice"/>, once the page has taken it.</summary>
    public static Task SpeakAsync(IPageScript page, bool isSpeaking) => page.EvaluateAsync(
        $"(async () => {{ while (!window.speak) await new Promise((resolve) => setTimeout(resolve, 50)); speak({(isSpeaking ? "true" : "false")}); }})()");

    /// <summary>Presses keys of a page's telephone.</summary>
    public static Task PressAsync(IPageScript page, string keys) =>
        page.EvaluateAsync($"soundPeers.flatMap((p) => p.getSenders()).find((s) => s.dtmf?.canInsertDTMF).dtmf.insertDTMF('{keys}', 100, 70)");

    /// <summary>How loud tones are in what a page receives, in decibels of full scale: in the louder of the two channels.</summary>
    public static async Task<double[]> LevelsAsync(IPageScript page, params int[] hertz)
    {
        var (left, right) = await ChannelsAsync(page, hertz);
        return [.. left.Zip(right, Math.Max)];
    }

    /// <summary>How loud they are in each of the two channels.</summary>
    public static async Task<(double[] Left, double[] Right)> ChannelsAsync(IPageScript page, params int[] hertz)
    {
        var levels = (await page.EvaluateAsync(Levels.Replace("TONES", string.Join(", ", hertz), StringComparison.Ordinal))).Deserialize<double[]>()!;
        return (levels[..hertz.Length], levels[hertz.Length..]);
    }

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
        // Of a sound card a look takes half a second, of a page thrice as long: both are given the same time.
        double[] levels = [];
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < CallTest.Join;)
        {
            levels = await listen([.. heard, .. unheard]);
            if (levels.Take(heard.Length).All(l => l > There) && levels.Skip(heard.Length).All(l => l < Absent))
            {
                TestContext.Current.TestOutputHelper?.WriteLine($"{who} hears {string.Join(", ", heard)} Hz after {clock.Elapsed.TotalSeconds:0.0} s");
                return;
            }
        }

        Assert.Fail($"{who} hears {string.Join(", ", heard.Concat(unheard).Zip(levels, (h, l) => $"{h} Hz at {l:0} dB"))}; expected {string.Join(", ", heard)} and not {string.Join(", ", unheard)}");
    }

    private static string Making(string sound) => Instead.Replace("SOUND", sound, StringComparison.Ordinal);

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
