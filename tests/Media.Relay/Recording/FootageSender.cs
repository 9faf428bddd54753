using System.Buffers.Binary;
using Parley.Media.Core.Audio;
using Parley.Media.Core.Rtcp;
using Parley.tests.Media.Core.Recording;
using Parley.tests.Media.Relay.Lab;

namespace Parley.tests.Media.Relay.Recording;

/// <summary>Lets a peer send footage, picture and sound and reports on both, from a moment on. Its clocks are its own; pictures leave 70 ms after they were made, as encoding takes time.</summary>
internal sealed class FootageSender(LabPeer peer, long startMs, bool isTelephone = false)
{
    private const long EncodingMs = 70, ReportEveryMs = 1_000;
    private const ulong Clock = 0xE000_0000_0000_0000;

    /// <summary>How much later than at once a sound leaves, in milliseconds, by its time.</summary>
    public Func<long, long> SoundDelay { get; init; } = _ => 0;

    /// <summary>How much later than as soon as it is encoded a picture leaves, in milliseconds.</summary>
    public long PictureDelay { get; init; }

    /// <summary>How long reports are on their way, in milliseconds, so that our clock seems to be ahead by as much.</summary>
    public long ReportDelay { get; init; }

    private int _pictures, _sounds;
    private ushort _pictureSequence = 65_000, _soundSequence = 65_500;
    private long _nextReportMs = startMs + 300;

    /// <summary>Sends what is due.</summary>
    public void Tick(long nowMs)
    {
        while (_sounds < Footage.Opus.Count && startMs + (_sounds * 20) + SoundDelay(_sounds * 20) <= nowMs) SendSound();
        while (_pictures < Footage.Vp8.Count && startMs + PictureMs(_pictures) + EncodingMs + PictureDelay <= nowMs) SendPicture();
        if (nowMs < _nextReportMs) return;
        _nextReportMs = nowMs + ReportEveryMs;
        Report(peer.Audio.Ssrc, nowMs, isTelephone ? 8u : 48);
        Report(peer.Video.Ssrc, nowMs, 90);
    }

    private static long PictureMs(int index) => index * 1000L / Footage.FramesPerSecond;

    private void Report(uint ssrc, long nowMs, uint perMs)
    {
        var ms = (ulong)(nowMs - startMs - ReportDelay);
        peer.SendRtcp((ref RtcpWriter rtcp) => rtcp.AddSenderReport(new(ssrc, Clock + ((ms / 1000) << 32) + (((ms % 1000) << 32) / 1000), Stamp(ms, perMs), 1, 1)));
    }

    private static uint Stamp(ulong ms, uint perMs) => (uint)(0xFFFF_0000 + (ms * perMs));

    private void SendSound()
    {
        if (!isTelephone) SendOpus();
        else peer.SendRtp(Packet(0, false, _soundSequence++, Stamp((ulong)_sounds * 20, 8), peer.Audio.Ssrc, Law(_sounds++)));
    }

    // The same beep in G.711.
    private static byte[] Law(int frame)
    {
        var (samples, law) = (new float[AudioFormat.FrameSamples], new byte[AudioFormat.FrameSamples / 6]);
        var second = frame * 20 / 1000.0 % 2;
        for (var i = 0; second is >= 1 and < 1.1 && i < samples.Length; i++) samples[i] = 0.5f * MathF.Sin(2 * MathF.PI * 1000 * ((frame * AudioFormat.FrameSamples) + i) / AudioFormat.SampleRate);
        using var encoder = new LawEncoder(isMu: true);
        encoder.Encode(samples, law);
        return law;
    }

    private void SendOpus() => peer.SendRtp(Packet(111, false, _soundSequence++, Stamp((ulong)_sounds * 20, 48), peer.Audio.Ssrc, Footage.Opus[_sounds++]));

    private void SendPicture()
    {
        var frame = Footage.Vp8[_pictures];
        var stamp = Stamp((ulong)PictureMs(_pictures++), 90);
        for (var at = 0; at < frame.Length; at += 1_000)
        {
            var end = Math.Min(frame.Length, at + 1_000);
            peer.SendRtp(Packet(96, end == frame.Length, _pictureSequence++, stamp, peer.Video.Ssrc, [(byte)(at == 0 ? 0x10 : 0), .. frame.AsSpan(at, end - at)]));
        }
    }

    private static byte[] Packet(byte type, bool marker, ushort sequence, uint stamp, uint ssrc, byte[] payload)
    {
        var packet = new byte[12 + payload.Length];
        (packet[0], packet[1]) = (0x80, (byte)(type | (marker ? 0x80 : 0)));
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), sequence);
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(4), stamp);
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(8), ssrc);
        payload.CopyTo(packet, 12);
        return packet;
    }
}
