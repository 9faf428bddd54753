using Parley.Media.Control;
using Parley.Plugins.FocusAgent.Conferences;
using Parley.Plugins.FocusAgent.Legs.Mixed;
using Parley.Plugins.FocusAgent.Moderation;

namespace Parley.Plugins.FocusAgent.Rooms;

/// <summary>Does what those want who have no page but a telephone's keys.</summary>
/// <param name="conference">The conference.</param>
/// <param name="acts">What people may do.</param>
public sealed class Keypad(Conference conference, ModerationActs acts)
{
    /// <summary>A key was pressed.</summary>
    public void Take(KeyPressed pressed)
    {
        if (conference.FindLeg(pressed.EndpointId) is not MixedLeg leg) return;
        switch (leg.Keys.Take(pressed.Key))
        {
            case KeyCommand.Microphone:
                leg.SwitchMicrophone();
                break;
            case KeyCommand.Hand:
                acts.SwitchHand(leg.Participant);
                break;
        }
    }
}
