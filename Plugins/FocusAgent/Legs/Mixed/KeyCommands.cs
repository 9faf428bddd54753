namespace Parley.Plugins.FocusAgent.Legs.Mixed;

/// <summary>What a telephone's keys ask for (docs/legs/mixed.md).</summary>
public enum KeyCommand
{
    /// <summary>Nothing.</summary>
    None,
    /// <summary><c>*1</c>: see whoever speaks.</summary>
    Speaker,
    /// <summary><c>*2</c>: see everybody in one picture.</summary>
    Everybody,
    /// <summary><c>*6</c>: the own microphone off, or on again.</summary>
    Microphone,
    /// <summary><c>*9</c>: the own hand up, or down again.</summary>
    Hand,
}

/// <summary>Finds commands in the keys of one telephone: a star and a digit. Whatever else is pressed means nothing.</summary>
public sealed class KeyCommands
{
    private bool _isStarred;

    /// <summary>A key was pressed.</summary>
    public KeyCommand Take(char key)
    {
        var wasStarred = _isStarred;
        _isStarred = key == '*';
        return (wasStarred, key) switch
        {
            (true, '1') => KeyCommand.Speaker,
            (true, '2') => KeyCommand.Everybody,
            (true, '6') => KeyCommand.Microphone,
            (true, '9') => KeyCommand.Hand,
            _ => KeyCommand.None,
        };
    }
}
