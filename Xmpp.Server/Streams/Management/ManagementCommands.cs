using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Streams;
using Parley.Xmpp.Core.Xml;

namespace Parley.Xmpp.Server.Streams.Management;

/// <summary>What a client with a bound resource says about its stream (XEP-0198).</summary>
internal static class ManagementCommands
{
    /// <summary>Does what it says.</summary>
    /// <param name="command">The element.</param>
    /// <param name="stream">The client's stream.</param>
    /// <param name="sink">Where a refusal goes.</param>
    /// <param name="most">For how long the stream may be resumed at most; zero: not at all.</param>
    /// <returns>The error that the stream ends with; null if it goes on.</returns>
    public static StreamError? Do(Element command, SessionStream stream, Negotiation.INonzaSink sink, TimeSpan most)
    {
        switch (command.Name)
        {
            case "enable":
                return Enable(command, stream, sink, most);
            case "r" when stream.IsManaged:
                stream.TellCount();
                return null;
            case "a" when stream.IsManaged:
                if (!ManagementElements.TryReadCount(command["h"], out var h)) return new StreamError(StreamConditions.BadFormat, "An acknowledgement has a count (XEP-0198 section 4).");
                return stream.TryAcknowledge(h, out var sent) ? null : ManagementElements.TooHigh(h, sent);
            default:
                // Too early, or too late to resume.
                sink.SendNonza(ManagementElements.Failed(StanzaCondition.UnexpectedRequest));
                return null;
        }
    }

    private static StreamError? Enable(Element command, SessionStream stream, Negotiation.INonzaSink sink, TimeSpan most)
    {
        if (ManagementElements.ReadEnable(command, most) is not { } max)
        {
            sink.SendNonza(ManagementElements.Failed(StanzaCondition.BadRequest));
            return null;
        }

        return stream.Enable(max) ? null : new StreamError(StreamConditions.PolicyViolation, "The stream is managed already (XEP-0198 section 3).");
    }
}
