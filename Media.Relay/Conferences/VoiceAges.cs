using Parley.Media.Core.Audio;
using Parley.Media.Relay.Mixing;
using Parley.Media.Relay.Transports;

namespace Parley.Media.Relay.Conferences;

/// <summary>
/// How long after it was said everybody is heard in the mix: the network, the reserve of the jitter buffer and the mixer's own 20 ms, by the senders' reports. With it recordings put what is made here where it
/// belongs beside what came. On the worker's thread.
/// </summary>
/// <param name="ntp">The worker's clock.</param>
internal sealed class VoiceAges(NtpClock ntp)
{
    /// <summary>What it usually is. The recorded mix is earlier by it; pictures make up for the difference, since sound cannot be moved.</summary>
    public const long UsualMs = 80;

    private const double MostMs = 3_000;

    // What an Opus encoder looks ahead comes out of its decoder later by as much (RFC 7845 section 4.2).
    private const double OpusMs = 6.5;

    /// <summary>Looks where everybody's sound was in a frame of the mix.</summary>
    /// <param name="tracks">Who speaks.</param>
    /// <param name="frame">The frame.</param>
    /// <param name="timeMs">When it was made.</param>
    public void Observe(IReadOnlyList<RelayTrack> tracks, long frame, long timeMs)
    {
        foreach (var track in tracks)
        {
            if (track.Voice is not { Played: var played } voice) continue;
            // The mixer may be ahead of what was delivered, by frames that are even as long as it skips none.
            var ahead = (int)((uint)(played >> 32) - (uint)frame);
            if (ahead is < 0 or > 50 || !track.Receiver.TryTimeOf((uint)played, out var said)) continue;
            var age = timeMs + (ahead * AudioFormat.FrameMs) - ntp.MsOf(said) + (voice.Codec.Name == MixCodec.Opus.Name ? OpusMs : 0);
            if (age is < 0 or > MostMs) continue;
            voice.AgeMs = age;
        }
    }

    /// <summary>An endpoint's, or the usual where it is not known.</summary>
    public static double Of(ConferenceEndpoint endpoint)
    {
        foreach (var track in endpoint.Tracks.Values)
        {
            if (track.Voice is { } voice) return Of(voice);
        }

        return UsualMs;
    }

    /// <summary>A voice's, or the usual where it is not known.</summary>
    public static double Of(MixVoice voice) => voice.AgeMs ?? UsualMs;
}
