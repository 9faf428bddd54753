using Parley.Xmpp.Core.Jingle;

namespace Parley.Plugins.FocusAgent.Negotiation;

/// <summary>
/// Who sends and who wants two channels (RFC 7587 section 6.1): <c>stereo</c> says what its author likes to receive, <c>sprop-stereo</c> what it is likely to send. Where the mixer sits
/// between, the room likes to receive what the client is likely to send, and is likely to send what the client likes to receive.
/// </summary>
public static class OpusChannels
{
    private const string Receives = "stereo", Sends = "sprop-stereo";

    /// <summary>The room's side of a description that says what the client said.</summary>
    public static RtpDescription Answer(RtpDescription offered) => offered with { Payloads = [.. offered.Payloads.Select(Answer)] };

    private static RtpPayload Answer(RtpPayload offered) =>
        "opus".Equals(offered.Name, StringComparison.OrdinalIgnoreCase) ? offered with { Parameters = [.. offered.Parameters.Select(p => KeyValuePair.Create(Other(p.Key), p.Value))] } : offered;

    private static string Other(string name) => name switch { Receives => Sends, Sends => Receives, _ => name };
}
