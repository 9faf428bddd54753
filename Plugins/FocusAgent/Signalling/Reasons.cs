using Parley.Media.Control;
using Parley.Plugins.FocusAgent.Conferences;
using Parley.Xmpp.Core.Jingle;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Plugins.FocusAgent.Signalling;

/// <summary>Words of the wire for what happens in a conference.</summary>
public static class Reasons
{
    /// <summary>The reason of the session-terminate that tells of a leg's end (XEP-0166 section 7.4).</summary>
    public static JingleCondition Of(LegEnd why) => why switch
    {
        LegEnd.Left => JingleCondition.Success,
        LegEnd.Superseded => JingleCondition.Expired,
        LegEnd.ConferenceGone => JingleCondition.Gone,
        LegEnd.ConnectivityLost => JingleCondition.ConnectivityError,
        LegEnd.TimedOut => JingleCondition.Timeout,
        LegEnd.NeverConnected or LegEnd.RelayLost => JingleCondition.FailedTransport,
        LegEnd.SecurityFault => JingleCondition.SecurityError,
        LegEnd.Removed => JingleCondition.Decline,
        LegEnd.Refused => JingleCondition.IncompatibleParameters,
        LegEnd.Cancelled => JingleCondition.Cancel,
        LegEnd.Unanswered => JingleCondition.Timeout,
        _ => JingleCondition.GeneralError,
    };

    /// <summary>Why a leg ends whose transport ended.</summary>
    public static LegEnd Of(TransportEnd why) => why switch
    {
        TransportEnd.ClosedByPeer => LegEnd.Left,
        TransportEnd.DtlsFailed => LegEnd.SecurityFault,
        TransportEnd.NeverConnected or TransportEnd.NoPort => LegEnd.NeverConnected,
        TransportEnd.WorkerFailed => LegEnd.RelayLost,
        _ => LegEnd.ConnectivityLost,
    };

    /// <summary>The same by what the transport is: where there is no ICE, silence is all that there is to know (XEP-0177 section 4.4).</summary>
    public static LegEnd Of(TransportEnd why, TransportSpec spec) =>
        spec.Raw is not null && why is (TransportEnd.ConsentExpired or TransportEnd.NeverConnected) ? LegEnd.TimedOut : Of(why);

    /// <summary>The stanza error for what a relay refused.</summary>
    public static StanzaError ErrorOf(RelayFault fault) => new(fault switch
    {
        RelayFault.BadRequest => StanzaCondition.BadRequest,
        RelayFault.ResourceConstraint => StanzaCondition.ResourceConstraint,
        _ => StanzaCondition.ServiceUnavailable,
    });

    /// <summary>The reason for the same where the request was answered already.</summary>
    public static JingleCondition ConditionOf(RelayFault fault) => fault switch
    {
        RelayFault.BadRequest => JingleCondition.IncompatibleParameters,
        RelayFault.ResourceConstraint => JingleCondition.Busy,
        _ => JingleCondition.FailedTransport,
    };
}
