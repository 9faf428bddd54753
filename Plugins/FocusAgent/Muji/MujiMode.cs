namespace Parley.Plugins.FocusAgent.Muji;

/// <summary>How clients that speak XEP-0272 call one another in a chat room of this server.</summary>
public enum MujiMode
{
    /// <summary>Each calls the focus alone, and is in the conference with everybody else.</summary>
    Star,
    /// <summary>Each calls each, end to end, as the XEP has it; the server has no part in it.</summary>
    Mesh,
}
