using Parley.Media.Control;
using Parley.Plugins.FocusAgent.Conferences;

namespace Parley.Plugins.FocusAgent.Legs.Mixed;

/// <summary>A leg that hears one mix and sees one picture, and whose side may have a telephone's keys.</summary>
public interface IMixedReceiver
{
    /// <summary>Whose it is.</summary>
    Participant Participant { get; }

    /// <summary>What its keys ask for.</summary>
    KeyCommands Keys { get; }

    /// <summary>What it receives.</summary>
    MixedSlots Slots { get; }

    /// <summary>Switches its microphone off or on; what a moderator holds stays silent all the same.</summary>
    /// <returns>What came of it, as it is told by a sound.</returns>
    CueSound SwitchMicrophone();
}
