using Parley.Media.Control;
using Parley.Plugins.FocusAgent.Conferences;
using Parley.Plugins.FocusAgent.Legs.Mixed;
using Parley.Plugins.FocusAgent.Moderation;

namespace Parley.Plugins.FocusAgent.Rooms;

/// <summary>Does what those want who have no page but a telephone's keys, and lets them hear what came of it.</summary>
/// <param name="conference">The conference.</param>
/// <param name="acts">What people may do.</param>
public sealed class Keypad(Conference conference, ModerationActs acts)
{
    /// <summary>A key was pressed.</summary>
    public void Take(KeyPressed pressed)
    {
        if (conference.FindLeg(pressed.EndpointId) is not IMixedReceiver leg) return;
        if (Do(leg, leg.Keys.Take(pressed.Key)) is { } heard) leg.Slots.Play(heard);
    }

    private CueSound? Do(IMixedReceiver leg, KeyCommand command)
    {
        switch (command)
        {
            case KeyCommand.Microphone:
                var sound = leg.SwitchMicrophone();
                conference.Touch();
                return sound;
            case KeyCommand.Hand:
                acts.SwitchHand(leg.Participant);
                return leg.Participant.Rights.Hand is null ? CueSound.Off : CueSound.On;
            case KeyCommand.Speaker:
                return leg.Slots.Choose(MixedVideo.Speaker) ? CueSound.Done : CueSound.Denied;
            case KeyCommand.Everybody:
                return leg.Slots.Choose(MixedVideo.Composed) ? CueSound.Done : CueSound.Denied;
            default:
                return null;
        }
    }
}
