import { createTheme } from '@mantine/core';

/** Behaviour only: colours and sizes stand in src/styles, as static style sheets, so that no style is inline. */
export const theme = createTheme({
  respectReducedMotion: true,
  cursorType: 'pointer',
  defaultRadius: 'sm',
  components: {
    // The page itself never scrolls, so there is nothing to lock; locking would write a <style> into the page.
    Modal: { defaultProps: { lockScroll: false, transitionProps: { duration: 120, transition: 'fade' }, overlayProps: { backgroundOpacity: 0.4 } } },
    Drawer: {
      defaultProps: { lockScroll: false, position: 'right', size: 460, transitionProps: { duration: 140 }, overlayProps: { backgroundOpacity: 0.25 } },
    },
    Popover: { defaultProps: { transitionProps: { duration: 80 } } },
    // Within the landmark of its button; the first item takes the focus, for the library's placeholder is no child that a menu may have.
    Menu: { defaultProps: { transitionProps: { duration: 80 }, shadow: 'md', withinPortal: false, floatingStrategy: 'fixed', withInitialFocusPlaceholder: false } },
    Tooltip: { defaultProps: { openDelay: 400, transitionProps: { duration: 80 }, withArrow: false } },
    // What a field means stands below it, so that fields of one row stay in line.
    InputWrapper: { defaultProps: { inputWrapperOrder: ['label', 'input', 'description', 'error'] } },
    ScrollArea: { defaultProps: { scrollbarSize: 8 } },
    Select: { defaultProps: { comboboxProps: { transitionProps: { duration: 0 } }, checkIconPosition: 'right' } },
    MultiSelect: { defaultProps: { comboboxProps: { transitionProps: { duration: 0 } } } },
    ActionIcon: { defaultProps: { size: 28 } },
    Checkbox: { defaultProps: { size: 'xs' } },
  },
});
