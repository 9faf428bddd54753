using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Plugins.FocusAgent.Reservations;

/// <summary>The stanza errors of reservations.</summary>
public static class ReservationErrors
{
    /// <summary>The error that a result amounts to; null where it is done.</summary>
    public static StanzaError? Of(ReservationResult result, FocusAgentOptions options) => result switch
    {
        ReservationResult.Done => null,
        ReservationResult.NoRoom => new StanzaError(StanzaCondition.NotAllowed, "only rooms can be reserved"),
        ReservationResult.NoAccount => new StanzaError(StanzaCondition.Forbidden, "only accounts reserve rooms"),
        ReservationResult.OutOfRange => new StanzaError(StanzaCondition.NotAcceptable, $"a reservation ends between now and {options.LongestReservation.TotalDays:0.##} days from now"),
        _ => new StanzaError(StanzaCondition.ResourceConstraint, $"an account may reserve {options.ReservationsPerAccount} rooms at once"),
    };
}
