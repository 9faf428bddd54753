using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Parley.Media.Control;
using Parley.Plugins.FocusAgent.Legs.Mixed;

namespace Parley.Plugins.FocusAgent.Tools;

/// <summary>What a tool is told: an SDP (RFC 8866) of what it receives, as ffmpeg and GStreamer read it from a file, which says to people where the tool is to send.</summary>
public static class ToolDescription
{
    /// <summary>Writes it.</summary>
    /// <param name="name">What it is about; one line.</param>
    /// <param name="tool">The tool's address.</param>
    /// <param name="streams">Its streams, each with the address that it sends to.</param>
    public static string Write(string name, IPAddress tool, IReadOnlyList<(ToolStream Stream, IPEndPoint Ours)> streams)
    {
        var sdp = new StringBuilder();
        Line(sdp, "v=0");
        Line(sdp, $"o=- 0 0 {Net(streams[0].Ours.Address)}");
        Line(sdp, $"s={name}");
        if (streams.FirstOrDefault(s => s.Stream is { Sends: true, Kind: MediaKind.Audio }) is { Stream: { } voice } && TelephoneKeys.Beside(voice.Payload) is var keys)
            Line(sdp, string.Create(CultureInfo.InvariantCulture, $"i=A telephone's keys are taken as payload type {keys.Number}, {keys.Codec}/{keys.ClockRate}"));
        Line(sdp, "t=0 0");
        foreach (var (stream, ours) in streams) Write(sdp, stream, tool, ours);
        return sdp.ToString();
    }

    private static void Write(StringBuilder sdp, ToolStream stream, IPAddress tool, IPEndPoint ours)
    {
        var payload = stream.Payload;
        // A port of 0 is a stream that is not there (RFC 8866 section 5.14): readers open nothing for it.
        var port = stream.Receives ? stream.Wish.Port : 0;
        var profile = payload.Feedback.Count > 0 ? "RTP/AVPF" : "RTP/AVP";
        Line(sdp, string.Create(CultureInfo.InvariantCulture, $"m={stream.TransportId} {port} {profile} {payload.Number}"));
        if (stream.Sends) Line(sdp, $"i=Send {payload.Codec} to {ours}");
        Line(sdp, $"c={Net(tool)}");
        var channels = payload.Kind == MediaKind.Audio && payload.Channels > 1 ? string.Create(CultureInfo.InvariantCulture, $"/{payload.Channels}") : "";
        Line(sdp, string.Create(CultureInfo.InvariantCulture, $"a=rtpmap:{payload.Number} {payload.Codec}/{payload.ClockRate}{channels}"));
        if (payload.Parameters.Count > 0) Line(sdp, string.Create(CultureInfo.InvariantCulture, $"a=fmtp:{payload.Number} {string.Join(';', payload.Parameters.Select(p => $"{p.Key}={p.Value}"))}"));
        foreach (var feedback in payload.Feedback) Line(sdp, string.Create(CultureInfo.InvariantCulture, $"a=rtcp-fb:{payload.Number} {feedback}"));
        if (stream.Wish.HasRtcpMux) Line(sdp, "a=rtcp-mux");
        if (stream.Receives) Line(sdp, "a=recvonly");
    }

    private static string Net(IPAddress address) => $"IN {(address.AddressFamily == AddressFamily.InterNetworkV6 ? "IP6" : "IP4")} {address}";

    private static void Line(StringBuilder sdp, string line) => sdp.Append(line).Append("\r\n");
}
