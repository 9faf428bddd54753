using System.Diagnostics;
using System.Globalization;
using System.Net;
using Parley.Media.Core;
using Parley.Media.Core.Srtp;
using Parley.Media.Relay.Native;

namespace Parley.bench.Forward;

/// <summary>The program of <c>bench/peers/forward.c</c>, with a sender and receivers of its own.</summary>
internal sealed class PlainC : IDisposable
{
    private const uint SourceSsrc = 0x1000;

    private static readonly OpenSslSrtpCipherFactory Ciphers = new();

    private readonly Process _process;
    private readonly UdpSocket _source = UdpSocket.Open(new(IPAddress.Loopback, 0));
    private readonly List<Sink> _sinks = [];
    private readonly Traffic _traffic;

    public PlainC(string program, int receivers)
    {
        _process = Process.Start(new ProcessStartInfo(program) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        var keys = NewKey();
        Say($"source {SessionKey(keys)}");
        for (var i = 0; i < receivers; i++)
        {
            var (sink, key) = (new Sink(UdpSocket.Open(new(IPAddress.Loopback, 0))), NewKey());
            sink.Srtp = new(key, Ciphers);
            _sinks.Add(sink);
            Say($"receiver {sink.Socket.Port} {SessionKey(key)} {SourceSsrc + 1 + i}");
        }

        Say("start");
        var port = ushort.Parse(Ask("port")[0], CultureInfo.InvariantCulture);
        _traffic = new(_source, AddressKey.Of(new(IPAddress.Loopback, port)), new(keys, Ciphers), new(SourceSsrc), [.. _sinks], []);
        _traffic.Begin();
    }

    /// <summary>CPU nanoseconds per forwarded packet, by one way of sending.</summary>
    public double Run(bool segmentation, int frames)
    {
        Say(segmentation ? "gso" : "mmsg");
        var (before, sentBefore) = Cpu();
        _traffic.Run(frames);
        var (after, sentAfter) = Cpu();
        var packets = sentAfter - sentBefore;
        if (packets != (long)frames * VideoFrames.Packets * _sinks.Count || _traffic.Forged != 0) throw new InvalidOperationException($"the C program sent {packets} packets, {_traffic.Forged} of them not authentic");
        return (double)(after - before) / packets;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.StandardInput.Close();
            if (!_process.WaitForExit(2000)) _process.Kill();
        }

        _process.Dispose();
        _traffic.Dispose();
        _source.Dispose();
        _sinks.ForEach(s => s.Dispose());
    }

    private static SrtpMasterKey NewKey()
    {
        Span<byte> bytes = stackalloc byte[28];
        Random.Shared.NextBytes(bytes);
        return new(SrtpProfile.AeadAes128Gcm, bytes[..16], bytes[16..]);
    }

    /// <summary>The session key and salt of RTP (labels 0 and 2 of RFC 3711 section 4.3.1).</summary>
    private static string SessionKey(SrtpMasterKey master)
    {
        var (key, salt) = (new byte[16], new byte[12]);
        SrtpSessionKeys.Expand(master, 0, key);
        SrtpSessionKeys.Expand(master, 2, salt);
        return $"{Convert.ToHexStringLower(key)} {Convert.ToHexStringLower(salt)}";
    }

    private (long Nanoseconds, long Sent) Cpu()
    {
        Say("cpu");
        var answer = Ask("cpu");
        return (long.Parse(answer[0], CultureInfo.InvariantCulture), long.Parse(answer[1], CultureInfo.InvariantCulture));
    }

    private void Say(string line)
    {
        _process.StandardInput.WriteLine(line);
        _process.StandardInput.Flush();
    }

    private string[] Ask(string word)
    {
        var line = _process.StandardOutput.ReadLine();
        return line?.Split(' ') is [var first, .. var rest] && first == word ? rest : throw new InvalidOperationException($"the C program said '{line}' where '{word}' was expected");
    }
}
